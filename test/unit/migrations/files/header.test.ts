import { expect, test } from 'vitest'
import { readHeader } from '../../../../src/migrations/files/header.ts'

const place = { file: 'f.sql', line: 3 }
const read = (name: string, argument: string) => readHeader(name, argument, place)

test('requirements are read from the header', () => {
  expect(read('requires', ' user_db/20260101000000  b/2 c/R__view ')).toEqual({
    type: 'requires',
    references: [
      { database: 'user_db', version: '20260101000000', line: 3 },
      { database: 'b', version: '2', line: 3 },
      { database: 'c', version: 'R__view', line: 3 },
    ],
  })
})

test.each([
  ['references=physical', { type: 'references', value: 'physical' }],
  ['references = logical', { type: 'references', value: 'logical' }],
  ['environment=test, staging', { type: 'environment', names: ['test', 'staging'], negated: false }],
  ['environment!=production', { type: 'environment', names: ['production'], negated: true }],
  ['platform=vitess', { type: 'platform', value: 'vitess' }],
  ['server>=8.0.16', { type: 'server', operator: '>=', version: '8.0.16' }],
  ['server < 9', { type: 'server', operator: '<', version: '9' }],
])('the condition %s is read from the header', (argument, condition) => {
  expect(read('when', argument)).toEqual({ type: 'when', condition })
})

test('an accepted hazard is read with its reason', () => {
  expect(read('accept', 'DROP_COLUMN  nothing reads it since 2.4 ')).toEqual({
    type: 'accept',
    accepted: { code: 'DROP_COLUMN', reason: 'nothing reads it since 2.4', line: 3 },
  })
})

const conditions =
  'Write references=physical, references=logical, platform=mysql, platform=vitess, environment=a,b, environment!=a,b, or server>=8.0.16 (also >, <, <=).'
const reference = 'Write it as database/version: -- wwdb:requires user_db/20260101000000.'

test.each([
  ['requires', '', 'The header `wwdb:requires` does not name a migration.', reference],
  ['requires', 'user_db', '"user_db" does not name a migration.', reference],
  ['requires', 'a/1, b/2', '"a/1," does not name a migration.', reference],
  ['requires', 'a/create_users', '"a/create_users" does not name a migration.', reference],
  ['when', '', 'The header `wwdb:when` has no condition.', conditions],
  ['when', 'references=both', '"references=both" is not a condition that wwdb knows.', conditions],
  ['when', 'environment=', '"environment=" is not a condition that wwdb knows.', conditions],
  ['when', 'environment>test', '"environment>test" is not a condition that wwdb knows.', conditions],
  ['when', 'server=8.0', '"server=8.0" is not a condition that wwdb knows.', conditions],
  ['when', 'server>=eight', '"server>=eight" is not a condition that wwdb knows.', conditions],
  [
    'accept',
    '',
    'The header `wwdb:accept` does not name a hazard.',
    "Write the hazard's code and the reason: -- wwdb:accept DROP_TABLE the table has been empty since May.",
  ],
  [
    'accept',
    'DROP_COLUMN',
    'The header accepts DROP_COLUMN without a reason.',
    "Write the hazard's code and the reason: -- wwdb:accept DROP_COLUMN the table has been empty since May.",
  ],
  [
    'require',
    'a/1',
    '`wwdb:require` is not a header that wwdb knows.',
    'Did you mean `wwdb:requires`? Valid headers are `wwdb:requires`, `wwdb:when`, `wwdb:accept`, `wwdb:nolint`, `wwdb:shards`, `wwdb:squashes`, `wwdb:batch`, `wwdb:undo`, `wwdb:online`, `wwdb:retire`.',
  ],
  [
    'transaction',
    'off',
    '`wwdb:transaction` is not a header that wwdb knows.',
    'Valid headers are `wwdb:requires`, `wwdb:when`, `wwdb:accept`, `wwdb:nolint`, `wwdb:shards`, `wwdb:squashes`, `wwdb:batch`, `wwdb:undo`, `wwdb:online`, `wwdb:retire`.',
  ],
])('the fault of wwdb:%s %s is explained', (name, argument, what, next) => {
  expect(read(name, argument)).toEqual({ what, where: place, next })
})

test('names the hazard that was meant', () => {
  expect(read('accept', 'DROP_COLUMM why')).toMatchObject({
    what: '"DROP_COLUMM" is not a hazard that wwdb knows.',
    next: expect.stringMatching(/^Did you mean `DROP_COLUMN`\?/),
  })
})
