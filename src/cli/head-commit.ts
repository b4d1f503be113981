import { readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** Files and variables that point to another repository than the folder's own: git follows these. */
const named = [
  'GIT_DIR',
  'GIT_COMMON_DIR',
  'GIT_WORK_TREE',
  'GIT_CEILING_DIRECTORIES',
  'GIT_DISCOVERY_ACROSS_FILESYSTEM',
]

/** The most symbolic references that lead from HEAD to a commit in git. */
const mostSteps = 5

/**
 * The commit that is checked out in the repository of a folder, read from git's files: starting git costs more than all other work of a short run. Null where the
 * folder is in no repository; undefined where git itself has to be asked.
 */
export function readHeadCommit(
  folder: string,
  variables: Readonly<Record<string, string | undefined>>,
): string | null | undefined {
  if (named.some((name) => variables[name] !== undefined)) return undefined
  const place = findRepository(resolve(folder))
  if (place === null) return null
  const common = readText(join(place, 'commondir'))
  const folders = common === null ? [place] : [place, resolve(place, common)]
  let name = 'HEAD'
  for (let step = 0; step <= mostSteps; step += 1) {
    const value = readReference(folders, name)
    if (value === null) return undefined
    const next = /^ref: (refs\/.+)$/.exec(value)?.[1]
    if (next === undefined) return isCommit(value) ? value : undefined
    name = next
  }
  return undefined
}

/** The folder of the repository that the folder is in; a link to it where the folder is another work tree. */
function findRepository(folder: string): string | null {
  const start = statOf(folder)
  for (let here = folder; ; here = dirname(here)) {
    const place = join(here, '.git')
    const found = statOf(place)
    if (found?.isDirectory() === true) return place
    const link = found?.isFile() === true ? /^gitdir: (.+)$/.exec(readText(place) ?? '')?.[1] : undefined
    if (link !== undefined) return resolve(here, link)
    const above = statOf(dirname(here))
    if (dirname(here) === here || above?.dev !== start?.dev) return null
  }
}

function readReference(folders: readonly string[], name: string): string | null {
  for (const folder of folders) {
    const value = readText(join(folder, name))
    if (value !== null) return value
  }
  for (const folder of folders) {
    const lines = readText(join(folder, 'packed-refs'))?.split('\n') ?? []
    const line = lines.find((one) => one.endsWith(` ${name}`))
    if (line !== undefined) return line.slice(0, -name.length - 1)
  }
  return null
}

export const isCommit = (text: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text)

/** Some ten files are looked at: waiting for each would start the threads that Node reads files with, which takes longer. */
function statOf(path: string) {
  try {
    return statSync(path)
  } catch {
    return null
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return null
  }
}
