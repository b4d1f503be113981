import { createHash } from 'node:crypto'
import { access, readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { arch } from 'node:process'
import {
  buildProgram,
  cacheDirectory,
  inspectProgram,
  type ProgramSearch,
  type ServerProgram,
} from '../../../src/sandbox/programs.ts'

const servers = resolve(import.meta.dirname, '../../servers')
const version = '0.24.4'

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** Vitess in one process, built into the cache from its Go module and the sources in test/servers/vitess/, which are a part of the folder's name. */
export async function findVitess(search: ProgramSearch): Promise<ServerProgram> {
  const script = join(servers, 'build-vitess.sh')
  const names = (await readdir(join(servers, 'vitess'))).toSorted()
  const digest = createHash('sha256')
  for (const file of [script, ...names.map((name) => join(servers, 'vitess', name))])
    digest.update(await readFile(file))
  const prefix = join(cacheDirectory(), `vitess-${version}-${arch}-${digest.digest('hex').slice(0, 8)}`)
  const command = [join(prefix, 'vitess')] as const
  const inspect = async (): Promise<ServerProgram | null> => {
    // The script removes what a killed build has left, and moves the other program where that is missing.
    if (await exists(`${prefix}.build`)) return null
    const client = [join(prefix, 'vtctldclient')] as const
    const isThere = await inspectProgram('built', client, { words: ['--help'], pattern: /(vtctldclient)\b/ })
    const found = await inspectProgram('built', command, { words: ['--help'], pattern: /(--shards)\b/ })
    return isThere && found && { ...found, version }
  }
  const cached = await inspect()
  if (cached !== null) return cached
  const effort = `${version} from its Go sources, once (3 to 6 minutes on two cores)`
  const outcome = await buildProgram({ product: 'Vitess', script, prefix, effort }, search)
  if (outcome.type === 'impossible') throw new Error(outcome.why)
  const built = await inspect()
  if (built === null) throw new Error('Vitess was built, but the program does not run on this machine')
  return built
}
