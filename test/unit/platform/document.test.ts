import { describe, expect, it } from 'vitest'
import { placements } from '../../helpers/platform/decisions.ts'
import { parseTable, readDocumentBlocks, readDocumentedTables } from '../../helpers/platform/document.ts'

const tables = readDocumentedTables()

describe("the platform's document, as the schema tests read it", () => {
  it('has twenty tables, the last of which breaks off', () => {
    const blocks = readDocumentBlocks()
    expect(blocks).toHaveLength(20)
    expect(blocks.at(-1)).toMatch(/notification_sent TINYINT\(1\) NOT NULL DEFAULT$/)
    expect(() => parseTable(blocks.at(-1) ?? '')).toThrow('does not know this form')
  })

  it('has every table that a decision places, and no other', () => {
    expect(tables.map((table) => table.name).sort()).toEqual(Object.keys(placements).sort())
  })

  it('marks as sharded what the decisions shard; group_members follows groups', () => {
    const marked = tables.filter((table) => table.shardPattern !== null).map((table) => table.name)
    const sharded = tables.filter((table) => placements[table.name]?.sharded).map((table) => table.name)
    expect([...marked, 'group_members'].sort()).toEqual(sharded.sort())
  })

  it('has 18 foreign keys of which 8 cross logical databases; what was added brings 3 and 2', () => {
    const keys = tables.flatMap((table) =>
      table.shape.foreignKeys.map((key) => ({
        child: `${table.name}.${key.columns.join()}`,
        added: ['alert_records', 'login_logs'].includes(table.name),
        crosses: key.database !== placements[table.name]?.database,
      })),
    )
    const documented = keys.filter((key) => !key.added)
    expect(documented).toHaveLength(18)
    expect(documented.filter((key) => key.crosses).map((key) => key.child)).toEqual([
      'wework_instances.created_by',
      'contacts.account_id',
      'groups.account_id',
      'messages.account_id',
      'message_tasks.account_id',
      'message_tasks.created_by',
      'message_templates.created_by',
      'audit_logs.user_id',
    ])
    expect(keys.filter((key) => key.added)).toHaveLength(3)
    expect(keys.filter((key) => key.added && key.crosses)).toHaveLength(2)
  })

  it('is read to the letter', () => {
    const tasks = tables.find((table) => table.name === 'message_tasks')?.shape
    expect(tasks?.columns.find((column) => column.name === 'progress')).toEqual({
      name: 'progress',
      type: 'decimal(5,2)',
      nullable: false,
      default: '0.00',
      extra: '',
      collation: null,
      comment: '进度百分比',
    })
    expect(tasks?.columns.at(-1)).toEqual({
      name: 'updated_at',
      type: 'datetime',
      nullable: false,
      default: 'CURRENT_TIMESTAMP',
      extra: 'on update CURRENT_TIMESTAMP',
      collation: null,
      comment: '更新时间',
    })
    expect(tasks?.indexes.map((index) => index.name)).toHaveLength(9)
  })

  it.each([
    ['a column type it has not seen', 'tags SET(a) DEFAULT NULL COMMENT "x"'],
    ['a key with a prefix length', 'KEY idx_a (a(10))'],
    ['a rule it has not seen', 'FOREIGN KEY (a) REFERENCES users(id) ON UPDATE CASCADE'],
  ])('refuses %s', (_, line) => {
    const text = `CREATE TABLE t (\n    ${line}\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='t';`
    expect(() => parseTable(text)).toThrow('does not know this form')
  })
})
