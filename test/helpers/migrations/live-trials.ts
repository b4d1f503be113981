import { type Connection, createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, expect } from 'vitest'
import { type OwnServer, startServer } from '../servers/servers.ts'
import { migration, type Stage, type withStages } from '../tool/stage.ts'

/** What `plan --live` says of one database. */
export interface LiveTrialAnswer {
  readonly tried: number
  readonly broken: readonly {
    readonly text: string
    readonly change: string
    readonly before: string
    readonly after: string
  }[]
  readonly results?: {
    readonly compared: number
    readonly uncompared: readonly { readonly why: string; readonly statements: number }[]
  }
  readonly unproven: readonly string[]
  readonly notes: readonly string[]
}

/** What differs, without the texts of statements. */
export const changesOf = ({ broken }: LiveTrialAnswer) =>
  broken.map(({ change, before, after }) => ({ change, before, after }))

/** A server of its own for the file, to which applications have sent nothing yet. */
export class LiveTrials {
  readonly #openStage: ReturnType<typeof withStages>
  readonly #open: Connection[] = []
  #server: OwnServer | null = null

  constructor(version: '9.7' | '8.0', openStage: ReturnType<typeof withStages>) {
    this.#openStage = openStage
    beforeAll(async () => {
      this.#server = await startServer({ version })
    })
    afterAll(async () => {
      for (const connection of this.#open) connection.destroy()
      await this.#server?.stop()
    })
  }

  get server(): OwnServer {
    if (this.#server === null) throw new Error('the server is started before the first test')
    return this.#server
  }

  /** A project whose first migration is applied. */
  async start(tables: string, files: Readonly<Record<string, string>> = {}): Promise<Stage> {
    const own = { 'app/0001_tables.sql': migration(tables), ...files }
    const stage = await this.#openStage({ url: this.server.url, files: own })
    expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
    return stage
  }

  /** As an application does. */
  async send(stage: Stage, ...texts: readonly string[]): Promise<void> {
    const connection = await createConnection({ uri: this.server.url, database: stage.schema('app') })
    this.#open.push(connection)
    for (const text of texts) await connection.query(text)
  }

  /** Plans with one more migration. */
  async plan(stage: Stage, exitCode: number, up: string, more: readonly string[] = []): Promise<LiveTrialAnswer> {
    stage.write('app/0002_change.sql', migration(up))
    const ended = await stage.json(['plan', '--live', ...more])
    expect(ended.exitCode, JSON.stringify(ended.answer)).toBe(exitCode)
    const [found] = (ended.answer as unknown as { readonly live?: readonly LiveTrialAnswer[] }).live ?? []
    if (found === undefined) throw new Error('there was no trial')
    return found
  }
}
