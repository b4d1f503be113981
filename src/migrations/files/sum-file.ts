import { randomUUID } from 'node:crypto'
import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Fault } from '../../core/tool-error.ts'
import { readTextFile } from '../../files/text-file.ts'
import { displayPath } from './folder.ts'
import { isFault } from './migration-name.ts'
import { formatSum, parseSum, type Sum, sumFileName } from './sum.ts'

/** Reads the wwdb.sum of a folder; null where there is none. */
export function readSumFile(directory: string, root: string): Sum | Fault | null {
  const path = join(directory, sumFileName)
  if (!existsSync(path)) return null
  const file = displayPath(root, path)
  const read = readTextFile(path, file, Number.POSITIVE_INFINITY)
  return isFault(read) ? read : parseSum(read.text ?? '', file)
}

/** Writes the wwdb.sum of a folder, whole or not at all; returns its path as people see it. */
export function writeSumFile(directory: string, root: string, checksums: ReadonlyMap<string, string>): string {
  const path = join(directory, sumFileName)
  const draft = join(directory, `.${sumFileName}.${randomUUID()}`)
  writeFileSync(draft, formatSum(checksums), { flag: 'wx' })
  renameSync(draft, path)
  return displayPath(root, path)
}
