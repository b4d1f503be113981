import { expect, it } from 'vitest'
import { refuseRows } from '../../../../src/migrations/vitess/refuse-rows.ts'
import { toStatement } from '../../../../src/sql/classify.ts'
import { scan } from '../../../../src/sql/scanner.ts'

const vindexes: Readonly<Record<string, readonly (readonly string[])[]>> = {
  letters: [['sender'], ['code']],
  stamps: [['id']],
}

function refuse(text: string): string | null {
  const piece = [...scan(text, { file: 'a.sql' })].find(({ type }) => type === 'statement')
  if (piece?.type !== 'statement') throw new Error(`not a statement: ${text}`)
  const refusal = refuseRows(toStatement(piece, 0), {
    keyspace: 'message_db',
    vindexesOf: (table) => vindexes[table.toLowerCase()] ?? [],
  })
  return refusal === null ? null : `${refusal.does}: ${refusal.why}`
}

it.each([
  ['REPLACE INTO letters VALUES (1, 2)', 'vtgate takes no REPLACE there'],
  ["LOAD DATA INFILE 'f' INTO TABLE letters", 'vtgate takes no LOAD DATA there'],
  ['INSERT INTO notes VALUES (1)', 'names `notes`, which has no vindex'],
  ['UPDATE notes SET n = 1', 'names `notes`, which has no vindex'],
  ['UPDATE letters l JOIN notes n ON n.id = l.id SET n.body = l.body', 'names `notes`, which has no vindex'],
  ['DELETE FROM notes WHERE id = 1', 'names `notes`, which has no vindex'],
  ['DELETE n FROM letters l JOIN notes n ON n.id = l.id', 'names `notes`, which has no vindex'],
  ['DELETE FROM n USING letters l JOIN notes n ON n.id = l.id', 'names `notes`, which has no vindex'],
  ['UPDATE Letters SET body = 1, SENDER = 2', 'changes `Letters`.`SENDER`, a column of a vindex'],
  ['UPDATE letters l JOIN stamps s ON s.id = l.id SET s.id = 1', 'changes `stamps`.`id`, a column of a vindex'],
  ['INSERT INTO letters VALUES (1) ON DUPLICATE KEY UPDATE body = 2, code = 3', 'changes `letters`.`code`'],
])('%s', (text, said) => {
  expect(refuse(text)).toContain(said)
})

it.each([
  'INSERT INTO letters (sender) SELECT id FROM notes',
  'INSERT INTO letters VALUES (1) ON DUPLICATE KEY UPDATE body = 2, sender = VALUES(sender)',
  'UPDATE letters l JOIN notes n ON n.id = l.id SET l.body = n.body, l.code = 1',
  'UPDATE letters JOIN notes USING (id) SET body = 1',
  'DELETE l FROM letters l JOIN notes n ON n.id = l.id',
  'DELETE FROM letters WHERE id IN (SELECT id FROM notes)',
  'SELECT * FROM notes',
])('%s runs', (text) => {
  expect(refuse(text)).toBeNull()
})
