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

/** Processes below another one with these words, without the shells that started them. */
export async function listDescendants(root: number, words: string): Promise<readonly number[]> {
  const all = await listProcesses()
  const below = new Set([root])
  for (let size = 0; size < below.size; ) {
    size = below.size
    for (const { pid, parent } of all) if (below.has(parent)) below.add(pid)
  }
  return all.filter((one) => isTool(one, words) && below.has(one.pid)).map(({ pid }) => pid)
}

const isTool = ({ name, words }: Process, wanted: string): boolean => name !== 'sh' && words.includes(wanted)

/** Processes with these words, without the shells that started them. */
export async function listTools(words: string): Promise<readonly number[]> {
  return (await listProcesses()).filter((one) => isTool(one, words)).map(({ pid }) => pid)
}
