import { accessSync, constants, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'

/** A hook's own control group: no process that it starts can leave it, whatever session it opens and however it changes its environment. */
export interface HookCgroup {
  /** The command that starts the same program inside the group. */
  readonly enter: (program: string, words: readonly string[]) => [string, readonly string[]]
  /** Every process in the group. */
  readonly list: () => readonly number[]
  /** Kills all of them at once. */
  readonly kill: () => void
  /** Removes the group; processes that still run in it move to wwdb's group. */
  readonly remove: () => void
}

/**
 * Creates a control group below wwdb's own. Null where that is not possible: there are no control groups of version 2, or this user may not write to
 * them, for example without `Delegate=` of systemd.
 */
export function makeHookCgroup(name: string): HookCgroup | null {
  try {
    const parent = findOwnCgroup()
    if (parent === null) return null
    const folder = join(parent, `wwdb-hook-${name}`)
    // A user who may create a group may not always move a process into it.
    accessSync(join(parent, 'cgroup.procs'), constants.W_OK)
    mkdirSync(folder)
    const cgroup = cgroupIn(folder)
    if (isWritable(join(folder, 'cgroup.procs'))) return cgroup
    cgroup.remove()
    return null
  } catch {
    return null
  }
}

function isWritable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** The control group of this process. */
function findOwnCgroup(): string | null {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n')
  const [, mount] = mounts.map((line) => line.split(' ')).find(([, , type]) => type === 'cgroup2') ?? []
  const [, path] = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8')) ?? []
  return mount === undefined || path === undefined ? null : join(mount, path)
}

function cgroupIn(folder: string): HookCgroup {
  const members = join(folder, 'cgroup.procs')
  const list = (): readonly number[] => {
    try {
      return readFileSync(members, 'utf8').split('\n').filter(Boolean).map(Number)
    } catch {
      return []
    }
  }
  return {
    list,
    // The shell joins the group before it becomes the program, so that nothing is ever started outside.
    enter: (program, words) => ['/bin/sh', ['-c', 'echo $$ > "$0" 2>/dev/null; exec "$@"', members, program, ...words]],
    kill: () => quietly(() => writeFileSync(join(folder, 'cgroup.kill'), '1')),
    remove: () => {
      for (const pid of list()) quietly(() => writeFileSync(join(dirname(folder), 'cgroup.procs'), String(pid)))
      quietly(() => rmdirSync(folder))
    },
  }
}

/** A kernel before 5.14 has no `cgroup.kill`, and a process may have ended meanwhile: `list` shows afterwards what is left. */
function quietly(act: () => void): void {
  try {
    act()
  } catch {
    // `list` shows what is left.
  }
}

/** True where a program exists, found as the system would find it: a shell that starts it could not say why it fails. */
export function isProgram(program: string, folder: string, path: string): boolean {
  const places = program.includes('/')
    ? [resolve(folder, program)]
    : path.split(delimiter).map((place) => resolve(folder, place, program))
  return places.some((place) => {
    try {
      accessSync(place, constants.X_OK)
      return statSync(place).isFile()
    } catch {
      return false
    }
  })
}
