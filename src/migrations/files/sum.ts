import { randomUUID } from 'node:crypto'
import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Fault } from '../../core/tool-error.ts'
import { checksumOf, normalizeText } from '../../files/checksum.ts'
import { readTextFile } from '../../files/text-file.ts'
import { displayPath } from './folder.ts'
import { isFault, sumFileName } from './migration-name.ts'

/** What a folder's wwdb.sum lists, by file name. */
export interface Sum {
  readonly checksums: ReadonlyMap<string, string>
}

const fix = 'If the files are correct, run `wwdb validate --write-sum`.'
const head = /^wwdb\.sum sha256:([0-9a-f]{64})$/
const line = /^(\S+) sha256:([0-9a-f]{64})$/
const conflict = /^(?:<{7}|\|{7}|={7}|>{7})/

/**
 * The text of a wwdb.sum. Its first line is a digest over all others, so that two branches which each add a migration
 * always change the same line, and git reports a conflict instead of merging them silently.
 */
export function formatSum(checksums: ReadonlyMap<string, string>): string {
  const names = [...checksums.keys()].sort(byCodeUnit)
  const lines = names.map((name) => `${name} sha256:${checksums.get(name) ?? ''}\n`).join('')
  return `wwdb.sum sha256:${checksumOf(lines)}\n${lines}`
}

/** Reads a wwdb.sum with any line ends; `file` is its name in messages. */
export function parseSum(text: string, file: string): Sum | Fault {
  const normal = normalizeText(text)
  const lines = normal.replace(/\n+$/, '').split('\n')
  const marker = lines.findIndex((each) => conflict.test(each))
  if (marker >= 0) return conflictFault(file, marker + 1)
  const checksums = new Map<string, string>()
  for (const [index, each] of lines.entries()) {
    const match = (index === 0 ? head : line).exec(each)
    if (match === null) return malformedFault(file, index + 1)
    if (index > 0) checksums.set(match[1] ?? '', match[2] ?? '')
  }
  const digest = head.exec(lines[0] ?? '')?.[1]
  const body = lines.slice(1).map((each) => `${each}\n`)
  return digest === checksumOf(body.join('')) ? { checksums } : digestFault(file)
}

/**
 * Where a folder's files differ from its wwdb.sum. `files` has the checksum of every file by its name; `pathOf` returns its
 * path in messages.
 */
export function findSumFaults(
  sum: Sum,
  files: ReadonlyMap<string, string>,
  file: string,
  pathOf: (name: string) => string,
): readonly Fault[] {
  const faults: Fault[] = []
  for (const [name, checksum] of files) {
    const listed = sum.checksums.get(name)
    if (listed === undefined) {
      faults.push({ what: `\`${file}\` does not list \`${name}\`.`, where: { file: pathOf(name) }, next: fix })
    } else if (listed !== checksum) {
      faults.push({
        what: `\`${name}\` was edited after \`${file}\` was written.`,
        where: { file: pathOf(name) },
        next: `Restore the file, or run \`wwdb validate --write-sum\` if the edit is intentional.`,
      })
    }
  }
  for (const name of sum.checksums.keys()) {
    if (!files.has(name)) {
      faults.push({ what: `\`${file}\` lists \`${name}\`, which is not in the folder.`, where: { file }, next: fix })
    }
  }
  return faults
}

function conflictFault(file: string, lineNumber: number): Fault {
  return {
    what: `\`${file}\` contains git conflict markers: two branches added migrations.`,
    where: { file, line: lineNumber },
    next: 'Check that the new files of both run in the right order, then run `wwdb validate --write-sum`.',
  }
}

function malformedFault(file: string, lineNumber: number): Fault {
  return {
    what: `Line ${lineNumber} of \`${file}\` was not written by wwdb.`,
    where: { file, line: lineNumber },
    next: fix,
  }
}

function digestFault(file: string): Fault {
  return {
    what: `The first line of \`${file}\` does not match the lines below it.`,
    where: { file, line: 1 },
    why: 'They were changed by hand or joined by a merge.',
    next: fix,
  }
}

function byCodeUnit(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

/** Reads the wwdb.sum of a folder; null where there is none. */
export function readSumFile(directory: string, root: string): Sum | Fault | null {
  const path = join(directory, sumFileName)
  if (!existsSync(path)) return null
  const file = displayPath(root, path)
  const read = readTextFile(path, file, Number.POSITIVE_INFINITY)
  return isFault(read) ? read : parseSum(read.text ?? '', file)
}

/** A text of wwdb.sum that is not in its place yet: a killed run leaves it behind. */
export const sumDraft = /^\.wwdb\.sum\.[0-9a-f-]{36}$/

/** Writes the wwdb.sum of a folder, completely or not at all; returns its path as people see it. */
export function writeSumFile(directory: string, root: string, checksums: ReadonlyMap<string, string>): string {
  const path = join(directory, sumFileName)
  const draft = join(directory, `.${sumFileName}.${randomUUID()}`)
  writeFileSync(draft, formatSum(checksums), { flag: 'wx' })
  renameSync(draft, path)
  return displayPath(root, path)
}
