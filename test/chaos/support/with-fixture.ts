import { afterAll, beforeAll } from 'vitest'
import { type OwnServer, type ServerVersion, startServer } from '../../helpers/servers/servers.ts'
import { type Fixture, type FixtureOptions, openFixture } from './fixture.ts'

interface Asked {
  readonly version: ServerVersion
  /** Of `withFrozenTool`. */
  readonly launcher: () => string
  readonly files: FixtureOptions['files']
}

/** For the tests of one `describe`: a server of its own and a project. Nothing is there before they begin. */
export function withFixture({ version, launcher, files }: Asked) {
  let server: OwnServer | undefined
  let opened: Fixture | undefined
  beforeAll(async () => {
    server = await startServer({ version })
    opened = await openFixture({ server, launcher: launcher(), files })
  })
  afterAll(async () => {
    await opened?.close()
    await server?.stop()
  })
  const fixture = (): Fixture => {
    if (opened === undefined) throw new Error('the project of withFixture() exists only while tests run')
    return opened
  }
  return {
    fixture,
    /** A schema with all migrations. */
    migrated: async (): Promise<string> => {
      const schema = await fixture().createSchema('')
      const run = await fixture().run(['migrate'], schema)
      if (run.exitCode !== 0) throw new Error(`migrate ended with ${run.exitCode}: ${run.stderr}`)
      return schema
    },
  }
}
