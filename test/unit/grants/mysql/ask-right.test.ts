import { expect, it } from 'vitest'
import { askRight } from '../../../../src/grants/mysql/ask-right.ts'

const errorOf = (message: string, errno = 1105) => Object.assign(new Error(message), { errno, code: 'ER_OTHER' })
const denial = (shard: string) =>
  errorOf(
    `target: app.${shard}.primary: vttablet: rpc error: code = PermissionDenied desc = DDL command denied to user 'ann' for table 'letters' (ACL check error) (CallerID: ann)`,
    1045,
  )
const missing = errorOf(
  "target: app.-80.primary: vttablet: rpc error: code = Unknown desc = Can't DROP 'x' (errno 1091) (sqlstate 42000) (CallerID: ann): Sql: \"alter table letters drop column x\", BindVars: {}",
  1091,
)

/** Answers by the shard at which the session is; a shard that is not named is fine. */
function serverOf(answers: Readonly<Record<string, Error>>) {
  const asked: string[] = []
  let at = ''
  return {
    asked,
    ask: async (text: string) => {
      const to = /^USE `([^`]+)`$/.exec(text)?.[1]
      if (to !== undefined) at = to
      else asked.push(`${at} ${text.replace(/wwdb_[\da-f]{32}/, 'X').replace(/\/\*.*?\*\/ /, '')}`)
      const refused = to === undefined ? answers[at] : undefined
      if (refused !== undefined) throw refused
      return { rows: [], affectedRows: 0 } as never
    },
  }
}
const keyspace = { keyspace: 'app', shards: ['-80', '80-'] }

it('each shard is asked by itself, for `information_schema` as well', async () => {
  const server = serverOf({})
  expect(await askRight(server, keyspace, 'COLUMNS', 'readers')).toEqual({ type: 'allowed' })
  expect(await askRight(server, keyspace, 'letters', 'writers')).toEqual({ type: 'allowed' })
  expect(server.asked).toEqual([
    'app:-80 SELECT 1 FROM `information_schema`.`COLUMNS` LIMIT 1',
    'app:80- SELECT 1 FROM `information_schema`.`COLUMNS` LIMIT 1',
    'app:-80 DELETE FROM `letters` WHERE 1=0',
    'app:80- DELETE FROM `letters` WHERE 1=0',
  ])
})

it('what one shard refuses is refused, also where another has no more against it than the missing column', async () => {
  const both = serverOf({ 'app:-80': missing, 'app:80-': denial('80-') })
  expect(await askRight(both, keyspace, 'letters', 'admins')).toMatchObject({
    type: 'denied',
    why: expect.stringContaining('shard app/80-'),
  })
  const none = serverOf({ 'app:-80': missing, 'app:80-': missing })
  expect(await askRight(none, keyspace, 'letters', 'admins')).toEqual({ type: 'allowed' })
})

it('what a shard does not answer is not known, though the others allow it', async () => {
  const silent = errorOf('target: app.-80.primary: no healthy tablet available')
  expect(await askRight(serverOf({ 'app:-80': silent }), keyspace, 'letters', 'readers')).toMatchObject({
    type: 'unknown',
    why: expect.stringContaining('no healthy tablet'),
  })
  // The number is that of the first of several answers.
  const mixed = errorOf(
    `${missing.message}\ntarget: app.80-.primary: vttablet: rpc error: code = Unavailable desc = x`,
    1091,
  )
  const two = errorOf(`${missing.message}\n${missing.message.replace('-80', '80-')}`, 1091)
  const at = { keyspace: 'app', shards: ['-80'] }
  expect(await askRight(serverOf({ 'app:-80': two }), at, 'letters', 'admins')).toEqual({ type: 'allowed' })
  expect(await askRight(serverOf({ 'app:-80': mixed }), at, 'letters', 'admins')).toMatchObject({ type: 'unknown' })
  expect(await askRight(serverOf({}), { keyspace: 'app', shards: [] }, 'letters', 'readers')).toMatchObject({
    type: 'unknown',
  })
})
