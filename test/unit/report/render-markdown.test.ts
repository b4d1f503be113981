import { describe, expect, test } from 'vitest'
import { renderMarkdown } from '../../../src/report/markdown/render-markdown.ts'
import { sampleColumn, sampleReport, sampleTable } from '../../helpers/report/report-sample.ts'

describe('the report as Markdown', () => {
  test('has a file for each database with its diagram, and one that leads to them', () => {
    const files = renderMarkdown(sampleReport, 'en')
    expect(files.map(({ name }) => name)).toEqual(['README.md', 'user_db.md', 'message_db.md'])
    const [index = '', users = '', messages = ''] = files.map(({ text }) => text)
    expect(index).toContain('[user\\_db](user_db.md)')
    expect(users).toContain('```mermaid\nerDiagram\n  "users" {\n    bigint_unsigned id PK "用户ID"')
    expect(users).toContain('| `email`, unique | `varchar(100)` |  | where letters go | 1, changed by 2 |')
    expect(messages).toContain('"user_db.users" |o--o{ "messages_{YYYYMM}" : "user_id"')
    expect(messages).toContain('user\\_id → `user_db.users` (id), logical: not enforced by a server')
  })

  test('what a comment holds ends no cell, starts no element and no code', () => {
    const comment = 'a|b\n| c | <img src=x onerror=alert(1)> `x` [x](javascript:alert(1))'
    const columns = [sampleColumn('a|`b', { comment }), sampleColumn('c', { default: "'|'" })]
    const [database] = sampleReport.databases
    const databases = database === undefined ? [] : [{ ...database, tables: [sampleTable('t', { columns, comment })] }]
    const [, file] = renderMarkdown({ ...sampleReport, databases }, 'en')
    const rows = (file?.text ?? '').split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
    for (const row of rows) expect(row.replaceAll('\\|', '').split('|')).toHaveLength(7)
    const outside = (file?.text ?? '').replaceAll(/```[\s\S]*?```/g, '')
    expect(outside).not.toContain('<img')
    expect(outside).toContain('\\[x\\](javascript:alert(1))')
  })
})
