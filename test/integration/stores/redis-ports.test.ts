import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import { startServer } from '../../../src/sandbox/local-server.ts'
import { findRedis, redisServer } from '../../../src/stores/redis/sandbox.ts'
import { freePort } from '../../helpers/servers/ports.ts'
import { withProjects } from '../../helpers/tool/project.ts'

const folder = withProjects()({})

it.each([
  ['its own port', 0],
  ['the port for its neighbors', 10_000],
])('a node of the sandbox whose place is taken names %s', async (_, distance) => {
  const port = await freePort()
  const other = createServer().listen(port + distance, '127.0.0.1')
  await once(other, 'listening')
  try {
    const program = await findRedis()
    const starting = startServer(redisServer, {
      program,
      directory: `${folder}/${port}`,
      port,
      lines: ['cluster-enabled yes'],
    })
    await expect(starting).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      faults: [{ what: `Port ${port + distance} of 127.0.0.1 is in use by another program.` }],
    })
  } finally {
    other.close()
  }
})
