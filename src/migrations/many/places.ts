import type { Config, DatabaseConfig } from '../../config/config.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import type { ServerPort } from '../ports.ts'
import type { ListedTarget } from './judge-list.ts'
import type { ManySchemas } from './ports.ts'

type Facts = Pick<ManySchemas, 'facts'>

/** A schema as its server knows it: one server has several addresses, and may not tell upper from lower case. */
const keyOf = ({ facts }: Facts, schema: string): string =>
  `${facts.uuid}\n${facts.foldsNames ? schema.toLowerCase() : schema}`

/** A database of the configuration that has one schema, on its server. */
interface Other {
  readonly database: DatabaseConfig
  readonly key: string
}

const mostFaults = 5

/** The schemas of a list by their servers, which know more than the addresses in the configuration. */
export class Places {
  readonly #keys: readonly { readonly key: string; readonly target: ListedTarget }[]
  readonly #known: ReadonlySet<string>

  constructor(groups: readonly { readonly listed: readonly ListedTarget[]; readonly many: Facts }[]) {
    this.#keys = groups.flatMap(({ listed, many }) =>
      listed.map((target) => ({ key: keyOf(many, target.database.schema), target })),
    )
    this.#known = new Set(this.#keys.map(({ key }) => key))
  }

  has(many: Facts, schema: string): boolean {
    return this.#known.has(keyOf(many, schema))
  }

  /** The other databases whose schema has the name of a listed one. Only their servers know whether it is the same: one that does not answer is left out. */
  async findOthers({ openMany }: Pick<ServerPort, 'openMany'>, config: Config): Promise<readonly Other[]> {
    const names = new Set(this.#keys.map(({ target }) => target.database.schema.toLowerCase()))
    const alike = config.databases.filter((one) => one.targets === undefined && names.has(one.schema.toLowerCase()))
    const own = new Set(this.#keys.map(({ target }) => target.database.name))
    const others = alike.filter(({ name }) => !own.has(name))
    const found = await Promise.allSettled(
      others.map(async (database): Promise<Other> => {
        const many = await openMany(database, config.timeouts)
        await many.close()
        return { database, key: keyOf(many, database.schema) }
      }),
    )
    return found.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  }

  /** Throws ToolError `TARGETS_INVALID` where two names stand for one schema. */
  refuseTwins(others: readonly Other[]): void {
    const first = new Map<string, string>(others.map(({ database, key }) => [key, `databases.${database.name}`]))
    const faults: Fault[] = []
    for (const { key, target } of this.#keys) {
      const twin = first.get(key)
      if (twin === undefined) first.set(key, target.label)
      else
        faults.push({
          what: `\`${target.label}\` on ${target.database.server.label} is the same schema as \`${twin}\`.`,
          where: { database: target.database.name },
          why: 'One server has several addresses, or does not tell upper from lower case in names.',
          next: 'Correct the list: nothing was done to any target.',
        })
    }
    if (faults.length > 0) throw new ToolError('TARGETS_INVALID', faults.slice(0, mostFaults))
  }
}
