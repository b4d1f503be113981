import { describe, expect, test } from 'vitest'
import { isOfPiece, type Piece, piecesBetween, piecesOfKeys } from '../../../../src/shards/split/piece.ts'
import { fromPiece, type SplitShape, toPieces } from '../../../../src/shards/split/triggers.ts'
import { periodFamily } from '../../../helpers/shards/families.ts'

const family = periodFamily('orders', 'month')
const name = (key: string): string => `orders_${key.replace('-', '')}`
const time = { column: 'created_at', type: 'datetime', precision: 0, zone: 'UTC' } as const
const between = (
  from: string,
  to: string,
  zone = 'UTC',
  type: 'datetime' | 'timestamp' = 'datetime',
): readonly Piece[] =>
  piecesBetween(
    { ...family, division: { type: 'period', kind: 'month', zone } },
    { ...time, zone, type },
    name,
    Date.parse(from),
    Date.parse(to),
  )

describe('the pieces of a table', () => {
  test('are the months from the first row to the last, both within', () => {
    expect(
      between('2026-10-31T23:59:59Z', '2026-12-01T00:00:00Z').map(({ table, from, to }) => [table, from, to]),
    ).toEqual([
      ['orders_202610', "'2026-10-01 00:00:00'", "'2026-11-01 00:00:00'"],
      ['orders_202611', "'2026-11-01 00:00:00'", "'2026-12-01 00:00:00'"],
      ['orders_202612', "'2026-12-01 00:00:00'", "'2027-01-01 00:00:00'"],
    ])
  })

  test('begin by the clocks that a DATETIME shows, and at the instant of a TIMESTAMP', () => {
    const zone = 'Asia/Shanghai'
    const [local] = between('2026-11-30T16:00:00Z', '2026-11-30T16:00:00Z', zone)
    expect(local).toMatchObject({ table: 'orders_202612', from: "'2026-12-01 00:00:00'", compares: 'value' })
    const [instant] = between('2026-11-30T16:00:00Z', '2026-11-30T16:00:00Z', zone, 'timestamp')
    expect(instant).toMatchObject({ from: String(Date.parse('2026-11-30T16:00:00Z') / 1000), compares: 'seconds' })
    expect(isOfPiece(instant as Piece, 'NEW.`at`')).toMatch(/^UNIX_TIMESTAMP\(NEW\.`at`\)>=1796\d+ AND UNIX/)
  })

  test('are values of the column in a family by instance', () => {
    const [piece] = piecesOfKeys(['42'], (key) => `contacts_${key}`)
    expect(isOfPiece(piece as Piece, '`instance`')).toBe('`instance`=42')
  })
})

describe('the triggers of a split', () => {
  const pieces = piecesOfKeys(['1', '2'], (key) => `t_${key}`)
  const shape: SplitShape = {
    schema: 'a`b',
    table: 'order',
    column: 'key',
    pieces,
    columns: [
      { name: 'id', generated: false },
      { name: 'key', generated: false },
      { name: 'odd`name', generated: false },
      { name: 'twice', generated: true },
    ],
    key: ['id'],
  }

  test('write a row to its piece and take a moved one from its old piece, with every name quoted', () => {
    const [insert, update, remove] = toPieces(shape, ['w_ins', 'w_upd', 'w_del'])
    const write = (piece: string): string =>
      `REPLACE INTO \`a\`\`b\`.\`${piece}\`(\`id\`,\`key\`,\`odd\`\`name\`) VALUES (NEW.\`id\`,NEW.\`key\`,NEW.\`odd\`\`name\`);`
    expect(insert).toBe(
      `CREATE TRIGGER \`a\`\`b\`.\`w_ins\` AFTER INSERT ON \`a\`\`b\`.\`order\` FOR EACH ROW BEGIN IF NEW.\`key\`=1 THEN ${write('t_1')} ELSEIF NEW.\`key\`=2 THEN ${write('t_2')} END IF; END`,
    )
    expect(update).toContain(
      'IF NOT (OLD.`id`<=>NEW.`id`) OR NOT (OLD.`key`<=>NEW.`key`) THEN IF OLD.`key`=1 THEN DELETE',
    )
    expect(remove).toContain('IF OLD.`key`=1 THEN DELETE FROM `a``b`.`t_1` WHERE `id`=OLD.`id`;')
    expect([insert, update, remove].join()).not.toContain('twice')
  })

  test('remove from the held table only a row that is still of the piece that loses it', () => {
    const [insert, update, remove] = fromPiece(shape, pieces[0] as Piece, '_hold_x', ['w_ins', 'w_upd', 'w_del'])
    expect(remove).toBe(
      'CREATE TRIGGER `a``b`.`w_del` AFTER DELETE ON `a``b`.`t_1` FOR EACH ROW BEGIN DELETE FROM `a``b`.`_hold_x` WHERE `id`=OLD.`id` AND `key`=1; END',
    )
    expect(insert).toMatch(
      /BEGIN INSERT IGNORE INTO `a``b`\.`_hold_x`\(.*; IF ROW_COUNT\(\)<1 THEN DELETE FROM .* AND `key`=1;/,
    )
    expect(update).toContain('BEGIN DELETE FROM `a``b`.`_hold_x` WHERE `id`=OLD.`id` AND `key`=1; INSERT IGNORE')
    expect([insert, update, remove].join()).not.toContain('REPLACE')
  })
})

test('a row that moves by an hour which a session shows twice leaves its old piece', () => {
  const [, update = ''] = toPieces(
    {
      schema: 'app',
      table: 'orders',
      column: 'at',
      pieces: between('2026-10-31T00:00:00Z', '2026-11-02T00:00:00Z', 'UTC', 'timestamp'),
      columns: [{ name: 'at', generated: false }],
      key: ['id'],
    },
    ['a', 'b', 'c'],
  )
  expect(update).toContain(
    'IF NOT (OLD.`id`<=>NEW.`id`) OR NOT (UNIX_TIMESTAMP(OLD.`at`)<=>UNIX_TIMESTAMP(NEW.`at`)) THEN',
  )
})
