import { expect, test } from 'vitest'
import { ptOscArguments } from '../../../../src/operate/online/pt-osc.ts'

const run = {
  schema: 'app',
  table: 'orders',
  changes: 'MODIFY n BIGINT',
  defaultsFile: '/f/client.cnf',
  pauseFile: '/f/pause',
  token: 7,
  renames: false,
  addsUnique: false,
}

test('the tool reads EXPLAIN as a table where the server has another default: without its estimate it copies all rows at once', () => {
  const set = (setsExplain: boolean) =>
    ptOscArguments({ ...run, setsExplain }).find((word) => word.startsWith('--set-vars='))
  expect(set(true)).toBe(
    '--set-vars=wait_timeout=7,lock_wait_timeout=2,innodb_lock_wait_timeout=5,explain_format=TRADITIONAL',
  )
  expect(set(false)).toBe('--set-vars=wait_timeout=7,lock_wait_timeout=2,innodb_lock_wait_timeout=5')
})
