import { accessSync, constants, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'

/** A control group of a hook's own: nothing that it starts leaves it, whatever session it opens and whatever it does to its environment. */
export interface HookCgroup {
  /** The command that starts the same program inside of it. */
  readonly enter: (program: string, words: readonly string[]) => [string, readonly string[]]
  /** Every process that is in it. */
  readonly list: () => readonly number[]
  /** Ends all of them at once. */
  readonly kill: () => void
  /** Takes it away; what goes on in it goes on in the group of wwdb. */
  readonly remove: () => void
}

/**
 * Makes a control group below the one of wwdb itself. Null where that is not wwdb's to do: no control groups of version 2, or ones that this user may not
 * write, as without `Delegate=` of systemd.
 */
export function makeHookCgroup(name: string): HookCgroup | null {
  try {
    const parent = findOwnCgroup()
    if (parent === null) return null
    const folder = join(parent, `wwdb-hook-${name}`)
    // Who may create a group may not always move a process there.
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

/** Where the control group of this process is. */
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
    // The shell is in the group before it becomes the program: there is no moment in which that starts something outside.
    enter: (program, words) => ['/bin/sh', ['-c', 'echo $$ > "$0" 2>/dev/null; exec "$@"', members, program, ...words]],
    kill: () => quietly(() => writeFileSync(join(folder, 'cgroup.kill'), '1')),
    remove: () => {
      for (const pid of list()) quietly(() => writeFileSync(join(dirname(folder), 'cgroup.procs'), String(pid)))
      quietly(() => rmdirSync(folder))
    },
  }
}

/** A kernel before 5.14 has no `cgroup.kill`, and a process may have ended meanwhile: what is left is asked for afterwards. */
function quietly(act: () => void): void {
  try {
    act()
  } catch {
    // Judged by what `list` says then.
  }
}

/** True where a program is there, as the system would find it: a shell that starts it could not say why it does not start. */
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
