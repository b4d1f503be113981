import { readdir, readFile } from 'node:fs/promises'

interface Process {
  readonly pid: number
  readonly parent: number
  readonly name: string
  readonly words: string
}

/** Every process of the machine that can be read. */
async function listProcesses(): Promise<readonly Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const all = await Promise.all(
    pids.map(async (pid): Promise<readonly Process[]> => {
      try {
        const [stat, words] = await Promise.all([
          readFile(`/proc/${pid}/stat`, 'utf8'),
          readFile(`/proc/${pid}/cmdline`, 'utf8'),
        ])
        const [, name = '', state, parent] = /\((.*)\) (\S) (\d+)/.exec(stat) ?? []
        return state === 'Z' ? [] : [{ pid: Number(pid), parent: Number(parent), name, words }]
      } catch {
        return []
      }
    }),
  )
  return all.flat()
}

/** Processes of a name below another one. */
export async function listDescendants(root: number, name: string): Promise<readonly number[]> {
  const all = await listProcesses()
  const below = new Set([root])
  for (let size = 0; size < below.size; ) {
    size = below.size
    for (const { pid, parent } of all) if (below.has(parent)) below.add(pid)
  }
  return all.filter((one) => one.name === name && below.has(one.pid)).map(({ pid }) => pid)
}

/** Processes of pt-online-schema-change that copy a table of a schema. */
export async function listTools(schema: string): Promise<readonly number[]> {
  const all = await listProcesses()
  return all.filter(({ name, words }) => name === 'perl' && words.includes(`D=${schema},`)).map(({ pid }) => pid)
}
