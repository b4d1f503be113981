import { type Config, selectDatabases } from '../../config/config.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { isMany, type ListedTarget, type ManyDatabase } from './judge-list.ts'
import { type ListReaders, listTargets } from './read-list.ts'

/**
 * The chosen database that has many targets; null where none has. Throws ToolError `TARGETS_MANY` where others are chosen beside it: a run is about one or the other.
 *
 * @param command as it is typed: `migrate`
 */
export function chooseMany(config: Config, names: readonly string[], command: string): ManyDatabase | null {
  const chosen = selectDatabases(config, names)
  const many = chosen.filter(isMany)
  const [first] = many
  if (first === undefined || chosen.length === 1) return first ?? null
  const plain = chosen.filter((one) => !isMany(one)).map(({ name }) => `--target ${name}`)
  const apart = [plain.join(' '), ...many.map(({ name }) => `--target ${name}`)].filter((one) => one !== '')
  throw new ToolError('TARGETS_MANY', {
    what: `\`${first.name}\` has many targets, and \`wwdb ${command}\` works on them alone.`,
    next: `Run ${apart.map((flags) => `\`wwdb ${command} ${flags}\``).join(', then ')}.`,
  })
}

/** Refuses a command that works on one schema of each database, where a chosen database has many. Throws ToolError `TARGETS_MANY`. */
export function refuseMany(config: Config, names: readonly string[], command: string): void {
  const many = selectDatabases(config, names).find(isMany)
  if (many === undefined) return
  const plain = config.databases.filter((one) => !isMany(one)).map(({ name }) => `--target ${name}`)
  const others = names.length > 0 || plain.length === 0 ? '' : `, or leave it out with \`${plain.join(' ')}\``
  throw new ToolError('TARGETS_MANY', {
    what: `\`${many.name}\` has many targets, and \`wwdb ${command}\` works on one of them at a time.`,
    next: `Name one: \`--target ${many.name}/SCHEMA\`${others}.`,
  })
}

/** The configuration with the targets that `--target tenant_db/acme` asks for in place of their databases. Throws ToolError `UNKNOWN_TARGET` (64), `TARGETS_INVALID`. */
export async function pickTargets(config: Config, names: readonly string[], readers: ListReaders): Promise<Config> {
  const [pick = '', other] = new Set(names)
  // A run of other databases beside it would take this one target for all.
  if (other !== undefined)
    throw unknown(
      `\`--target\` names \`${pick}\` and \`${other}\`: one target of many is worked on alone.`,
      'Run the command once for each.',
    )
  const name = pick.split('/', 1)[0] ?? ''
  const databases = await Promise.all(
    config.databases.map(async (database) => {
      if (database.name !== name) return database
      if (!isMany(database))
        throw unknown(
          `\`${database.name}\` has one schema, and no \`targets\`.`,
          `Write \`--target ${database.name}\`.`,
        )
      const targets = await listTargets(readers, config, database, () => undefined)
      const found = targets.find(({ label, placedLabel }) =>
        [pick, addPrefix(pick, config.prefix)].some((one) => one === label || one === placedLabel),
      )
      if (found === undefined) throw refusePick(database, pick, config.prefix, targets)
      return found.database
    }),
  )
  return { ...config, databases }
}

/** Before the name of the schema, as the list is read: a person may leave it out as well. */
const addPrefix = (pick: string, prefix: string): string => pick.replace(/[^/]*$/, (schema) => `${prefix}${schema}`)

function refusePick(
  { name, targets }: ManyDatabase,
  pick: string,
  prefix: string,
  all: readonly ListedTarget[],
): ToolError {
  const schema = pick.slice(name.length + 1)
  const alike = all
    .filter(({ database }) => database.schema === schema || database.schema === `${prefix}${schema}`)
    .map(({ label }) => label)
    .slice(0, 5)
  const from = targets.source.type
  return unknown(
    alike.length > 0
      ? `\`${pick}\` is on more than one server.`
      : `\`${pick}\` is not in the list of targets of \`${name}\`, which its ${from} gives.`,
    alike.length > 0
      ? `Write one of \`${alike.join('`, `')}\`.`
      : `\`wwdb status --target ${name}\` shows how many there are.`,
  )
}

function unknown(what: string, next: string): ToolError {
  return new ToolError('UNKNOWN_TARGET', { what, next }, { exitCode: exitCodes.usage })
}
