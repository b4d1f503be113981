import type { KeySource } from '../core/shard-family.ts'
import { ToolError } from '../core/tool-error.ts'
import type { KeyCensus } from './ports.ts'
import type { RotationRequest } from './rotation/request.ts'

/** Reads keys once for every source, however many families have it. */
export class KeySources {
  readonly #request: Pick<RotationRequest, 'config' | 'servers'>
  readonly #read = new Map<string, Promise<KeyCensus | null>>()

  constructor(request: Pick<RotationRequest, 'config' | 'servers'>) {
    this.#request = request
  }

  /** Throws ToolError `KEY_INVALID`, or why the source's database cannot be asked. */
  read(source: KeySource): Promise<KeyCensus | null> {
    const name = JSON.stringify(source)
    const reading = this.#read.get(name) ?? this.#ask(source)
    this.#read.set(name, reading)
    return reading
  }

  #ask(source: KeySource): Promise<KeyCensus | null> {
    const { config, servers } = this.#request
    const database = config.databases.find(({ name }) => name === source.database)
    if (database !== undefined) return servers.readKeys(database, config.timeouts, source)
    return Promise.reject(
      new ToolError('UNKNOWN_TARGET', {
        what: `The keys of a family come from ${source.database}, which is not in the configuration.`,
        next: 'Add it under `databases`, or correct the `-- wwdb:keys` line of the template.',
      }),
    )
  }
}
