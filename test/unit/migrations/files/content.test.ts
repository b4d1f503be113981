import { expect, test } from 'vitest'
import { readContent, readHeaders } from '../../../../src/migrations/files/large-file.ts'
import type { Script } from '../../../../src/migrations/migration.ts'

const request = { file: 'f.sql', repeatable: false, database: 'app', databases: ['app', 'user_db', 'message_db'] }
const read = (...lines: readonly string[]) => readContent(lines.join('\n'), request)

function textsOf(script: Script | null): readonly string[] | null {
  return script?.type === 'statements' ? script.statements.map((statement) => statement.text) : null
}

test('a file is sorted into headers, up part and down part', () => {
  const { headers, content, faults } = read(
    '/* Copyright */',
    '-- wwdb:requires user_db/1',
    '-- wwdb:when server>=8.0.16',
    '-- an ordinary comment',
    '-- wwdb:accept DROP_COLUMN nothing reads it',
    '',
    '-- migrate:up',
    'CREATE TABLE a (id INT);',
    'INSERT INTO a VALUES (1)',
    '-- migrate:down',
    'DROP TABLE a;',
  )
  expect(faults).toEqual([])
  expect(headers).toEqual({
    requires: [{ database: 'user_db', version: '1', line: 2 }],
    conditions: [{ type: 'server', operator: '>=', version: '8.0.16' }],
    accepted: [{ code: 'DROP_COLUMN', reason: 'nothing reads it', line: 5 }],
    suppressed: [],
    squashes: [],
    shards: null,
  })
  expect(textsOf(content.up)).toEqual(['CREATE TABLE a (id INT)', 'INSERT INTO a VALUES (1)'])
  expect(textsOf(content.down)).toEqual(['DROP TABLE a'])
  expect([...content.creates]).toEqual(['a'])
})

test('numbers the statements of each part from 0 and knows their lines', () => {
  const { content } = read('-- migrate:up', 'DO 1; DO 2;', '-- migrate:down', '', '  DO 3;')
  const places = [content.up, content.down].map((script) =>
    script?.type === 'statements' ? script.statements.map(({ index, line, column }) => [index, line, column]) : null,
  )
  expect(places).toEqual([
    [
      [0, 2, 1],
      [1, 2, 7],
    ],
    [[0, 5, 3]],
  ])
})

test('a down part without statements counts as no down part: nothing would be taken back', () => {
  const { content, faults } = read('-- migrate:up', 'DO 1;', '-- migrate:down', '-- to be written')
  expect(faults).toEqual([])
  expect(content.down).toBeNull()
})

test('the tables of other databases that foreign keys point at are found', () => {
  const { content } = read(
    '-- migrate:up',
    'CREATE TABLE a (',
    '  user INT, FOREIGN KEY (user) REFERENCES {{schema:user_db}}.`Users` (id),',
    '  own INT, FOREIGN KEY (own) REFERENCES {{schema:app}}.b (id)',
    ');',
  )
  expect(content.foreign).toEqual([{ database: 'user_db', table: 'users', line: 2 }])
})

test('double braces in strings and comments stay as they are', () => {
  const { faults } = read(
    '-- migrate:up',
    "INSERT INTO t VALUES ('Hello {{name}}'); -- {{this}}",
    'DO 1 /* {{that}} */;',
  )
  expect(faults).toEqual([])
})

interface Case {
  readonly name: string
  readonly lines: readonly string[]
  readonly faults: readonly {
    readonly what: string
    readonly line?: number
    readonly column?: number
    readonly next: string
  }[]
}

const cases: readonly Case[] = [
  {
    name: 'an empty file',
    lines: ['', '-- only a comment'],
    faults: [
      {
        what: 'The file is empty.',
        next: 'Write `-- migrate:up` and the statements below it, or remove the file.',
      },
    ],
  },
  {
    name: 'a file without parts',
    lines: ['CREATE TABLE a (id INT);'],
    faults: [
      {
        what: 'The file has no up part.',
        next: 'Put a line `-- migrate:up` above its statements, and `-- migrate:down` above those that revert them.',
      },
    ],
  },
  {
    name: 'an up part without statements',
    lines: ['', '-- migrate:up', '-- to be written', '-- migrate:down', 'DO 1;'],
    faults: [{ what: 'The up part has no statements.', line: 2, next: 'Write its statements, or remove the file.' }],
  },
  {
    name: 'text above the first part',
    lines: ['CREATE TABLE a (id INT);', '-- migrate:up', 'DO 1;'],
    faults: [
      {
        what: 'This is above the first part, where only comments and headers are allowed.',
        line: 1,
        column: 1,
        next: 'Move it below `-- migrate:up`, or write headers as `-- wwdb:NAME ...`.',
      },
    ],
  },
  {
    name: 'two up parts',
    lines: ['-- migrate:up', 'DO 1;', '-- migrate:up', 'DO 2;'],
    faults: [
      {
        what: 'A second up part begins here; the first begins on line 1.',
        line: 3,
        next: 'Join the two, or split the file into two migrations.',
      },
    ],
  },
  {
    name: 'the down part first',
    lines: ['-- migrate:down', 'DO 1;', '-- migrate:up', 'DO 2;'],
    faults: [
      {
        what: 'The down part is above the up part.',
        line: 1,
        next: 'Put `-- migrate:up` and its statements first.',
      },
    ],
  },
  {
    name: 'an unknown part',
    lines: ['-- migrate:up', 'DO 1;', '-- migrate:undo', 'DO 2;'],
    faults: [
      {
        what: 'Unknown section "migrate:undo": expected `migrate:up` or `migrate:down`.',
        line: 3,
        next: 'Write `-- migrate:up` or `-- migrate:down`, alone on its line.',
      },
    ],
  },
  {
    name: 'options of another tool',
    lines: ['-- migrate:up transaction:false', 'DO 1;', '-- migrate:up', 'DO 2;'],
    faults: [
      {
        what: '"migrate:up" takes no options, but is followed by "transaction:false".',
        line: 1,
        next: 'Write `-- migrate:up` or `-- migrate:down`, alone on its line.',
      },
      {
        what: 'This is above the first part, where only comments and headers are allowed.',
        line: 2,
        column: 1,
        next: 'Move it below `-- migrate:up`, or write headers as `-- wwdb:NAME ...`.',
      },
    ],
  },
  {
    name: 'a header inside a part',
    lines: ['-- migrate:up', '-- wwdb:when references=logical', 'DO 1;'],
    faults: [
      { what: 'The header `wwdb:when` is inside the up part.', line: 2, next: 'Move it above `-- migrate:up`.' },
    ],
  },
  {
    name: 'an unknown placeholder',
    lines: ['-- migrate:up', 'ALTER TABLE', '  {{tenant}} ADD x INT;'],
    faults: [
      {
        what: '{{tenant}} is not a placeholder that a migration can use.',
        line: 3,
        column: 3,
        next: "Write {{schema:DATABASE}} for a logical database's schema, or the name itself.",
      },
    ],
  },
  {
    name: 'the schema of an unknown database',
    lines: [
      '-- migrate:up',
      'SELECT 1 FROM `{{schema:userdb}}`.a;',
      "PREPARE s FROM 'SELECT 1 FROM {{schema:zzz}}.a';",
    ],
    faults: [
      {
        what: '`{{schema:userdb}}` names a database that is not in the configuration.',
        line: 2,
        column: 16,
        next: 'Did you mean `{{schema:user_db}}`?',
      },
      {
        what: '`{{schema:zzz}}` names a database that is not in the configuration.',
        line: 3,
        column: 31,
        next: 'The databases are `app`, `user_db`, `message_db`.',
      },
    ],
  },
]

test.each(cases)('the fault of a file is explained: $name', ({ lines, faults }) => {
  const found = read(...lines).faults.map(({ what, where, next }) => ({
    what,
    ...(where?.line === undefined ? {} : { line: where.line }),
    ...(where?.column === undefined ? {} : { column: where.column }),
    next,
  }))
  expect(found).toEqual(faults)
})

test('what is not allowed in a migration is refused with its file and line', () => {
  const [fault, more] = read('-- migrate:up', 'DO 1;  USE other;').faults
  expect(more).toBeUndefined()
  expect(fault?.where).toEqual({ file: 'f.sql', line: 2, column: 8, statement: 'USE other' })
  expect(fault?.excerpt).toEqual({ text: 'DO 1;  USE other;', line: 2, column: 8 })
  expect(fault?.next).toBeTruthy()
})

test("the scanner's faults are passed on", () => {
  const { faults } = read('-- migrate:up', "INSERT INTO t VALUES ('open);")
  expect(faults).toMatchObject([{ where: { file: 'f.sql', line: 2, column: 23 } }])
  expect(faults[0]?.what).toMatch(/never closed/)
})

test('a long line is cut to what can be shown', () => {
  const { faults } = read('-- migrate:up', `DO '${'x'.repeat(500)}'; USE other;`)
  const { text, column } = faults[0]?.excerpt ?? { text: '', column: 0 }
  expect(text.length).toBeLessThanOrEqual(160)
  expect(text.slice(column - 1)).toBe('USE other;')
})

test('a repeatable migration has an up part only', () => {
  const lines = ['-- migrate:up', 'DO 1;', '-- migrate:down', 'DO 2;']
  expect(readContent(lines.join('\n'), { ...request, repeatable: true }).faults).toMatchObject([
    { what: 'A repeatable migration cannot have a down part.', where: { file: 'f.sql', line: 3 } },
  ])
})

test('headers that are read alone are the same as those that are read with the rest', () => {
  const texts = [
    '-- migrate:up\nDO 1;',
    '-- wwdb:requires user_db/1 app/2\n-- wwdb:accept DROP_TABLE gone\n\n-- migrate:up\nDO 1;\n',
    '/* two\nlines */\n# one\n-- wwdb:when environment!=a\n--  migrate:up \nDO 1;',
  ]
  for (const text of texts) expect(readHeaders(text, request)).toEqual(readContent(text, request).headers)
})

test.each([
  ['no up part', 'DO 1;'],
  ['nothing in the up part', '-- migrate:up\n-- to be written\n\n-- migrate:down\nDO 1;'],
  ['text above the up part', 'DO 1;\n-- migrate:up\nDO 2;'],
  ['a bad header', '-- wwdb:accept\n-- migrate:up\nDO 2;'],
  ['a comment that hides the first up line', '/*\n-- migrate:up\n*/\n-- wwdb:requires app/1\n-- migrate:up\nDO 2;'],
])('headers are not read alone where there is %s', (_name, text) => {
  expect(readHeaders(text, request)).toBeNull()
})

test('`-- wwdb:batch` belongs to the statement below it, in either part', () => {
  const { content, faults } = read(
    '-- migrate:up',
    'CREATE TABLE a (id INT PRIMARY KEY, n INT);',
    '-- wwdb:batch key=u time=1s rows=20',
    'UPDATE a SET n = n + 1;',
    'DELETE FROM a;',
    '-- migrate:down',
    '-- wwdb:batch',
    'DELETE FROM a;',
  )
  expect(faults).toEqual([])
  const batches = (script: Script | null) =>
    script?.type === 'statements' ? script.statements.map(({ batch }) => batch) : []
  expect(batches(content.up)).toEqual([undefined, { key: 'u', time: 1000, rows: 20 }, undefined])
  expect(batches(content.down)).toEqual([{ key: null, time: 500, rows: null }])
})

test.each([
  ['above the first part', ['-- wwdb:batch', '-- migrate:up', 'UPDATE a SET n = 1;'], /above the first part/],
  ['above no statement', ['-- migrate:up', 'UPDATE a SET n = 1;', '-- wwdb:batch'], /no statement below/],
  [
    'at the end of a part',
    ['-- migrate:up', 'DELETE FROM a;', '-- wwdb:batch', '-- migrate:down', 'SELECT 1;'],
    /no statement below/,
  ],
  ['an unknown option', ['-- migrate:up', '-- wwdb:batch size=5', 'DELETE FROM a;'], /"size=5" is not an option/],
  [
    'a time without a unit',
    ['-- migrate:up', '-- wwdb:batch time=5', 'DELETE FROM a;'],
    /`time` of `wwdb:batch` cannot be "5": a number without a unit/,
  ],
  [
    'a time of an hour',
    ['-- migrate:up', '-- wwdb:batch time=1h', 'DELETE FROM a;'],
    /between 10 milliseconds and a minute/,
  ],
  ['no rows', ['-- migrate:up', '-- wwdb:batch rows=0', 'DELETE FROM a;'], /`rows` of `wwdb:batch` cannot be "0"/],
  ['a definition', ['-- migrate:up', '-- wwdb:batch', 'DROP TABLE a;'], /cannot be split into chunks/],
])('`-- wwdb:batch` is refused: %s', (_, lines, what) => {
  expect(read(...lines).faults.map((fault) => fault.what)).toEqual([expect.stringMatching(what)])
})
