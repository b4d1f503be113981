import { expect, test } from 'vitest'
import { withoutSaid } from '../../../src/migrations/plan/note-retired.ts'

test('a failure without a file is none of those that were said', () => {
  const ofServer = { what: 'The trial was not made.', where: { server: 'a:3306' } }
  const bare = { what: 'The trial was ended.' }
  const same = { what: 'It is referenced (from the trial).', where: { file: 'a.sql', line: 3 } }
  const other = { what: 'It has no default.', where: { file: 'a.sql', line: 4 } }
  const said = [
    { what: 'Nothing is known of the server.' },
    { what: 'It is referenced.', where: { file: 'a.sql', line: 3 } },
  ]
  expect(withoutSaid([ofServer, bare, same, other], said)).toEqual([ofServer, bare, other])
})
