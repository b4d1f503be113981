import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

/** A port at which something listened, and listens no more. */
async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve())
  })
  const address = server.address()
  await new Promise((resolve) => {
    server.close(resolve)
  })
  return typeof address === 'object' && address !== null ? address.port : 0
}

const template =
  '-- wwdb:keys app.owners(id)\n-- wwdb:name contacts_{key}\n-- wwdb:archive none\nCREATE TABLE {{table}} (\n  id BIGINT NOT NULL PRIMARY KEY\n) ENGINE=InnoDB;\n'

test('a vtctld that nothing answers for is named before anything is asked of it, with where its address is from', async () => {
  const server = `127.0.0.1:${await closedPort()}`
  const project = await stage({
    files: { 'shard-templates/app/contacts.sql': template },
    configuration: {
      environments: { vitess: { databases: { app: { vitess: { journal: 'home_db', vtctld: server } } } } },
    },
  })
  const move = ['shards', 'move', '--family', 'contacts', '--to', 'env:vitess', '--column', 'owner_id']
  const client = ['--vtctldclient', process.execPath]
  const configured = await project.run([...move, ...client, '--source', 'contact_mysql'])
  expect(configured.exitCode, configured.stderr).toBe(2)
  expect(configured.stderr).toContain('vtctld cannot be reached')
  expect(configured.stderr).toContain(server)
  expect(configured.stderr).toContain('Nothing is listening there.')
  expect(configured.stderr).toContain('Correct `databases.app.vitess.vtctld`, or start vtctld.')
  const given = await project.run([...move, ...client, '--switch', '--yes', '--vtctld', server])
  expect(given.exitCode).toBe(2)
  expect(given.stderr).toContain('Correct `--vtctld`, or start vtctld.')
  const unknown = await project.run([...move, ...client, '--vtctld', 'no-such-host.invalid:15999'])
  expect(unknown.exitCode).toBe(2)
  expect(unknown.stderr).toContain('vtctld cannot be reached')
})
