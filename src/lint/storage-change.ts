import type { ColumnType } from '../sql/column-type.ts'
import { bytesPerCharacter } from './narrowing.ts'

/**
 * What InnoDB has to do for a changed column, told from both definitions (manual, "Online DDL Operations"): `nothing` to
 * the rows, `rebuild` in place for a changed NULL, `copy` for a changed type. Only used where the server was not asked.
 */
export function compareStorage(before: ColumnType, after: ColumnType): 'nothing' | 'rebuild' | 'copy' {
  if (!keepsFormat(before, after)) return 'copy'
  return before.nullable === after.nullable ? 'nothing' : 'rebuild'
}

function keepsFormat(before: ColumnType, after: ColumnType): boolean {
  const sameCharset = after.charset === null || before.charset === null || before.charset === after.charset
  if (before.base !== after.base || before.unsigned !== after.unsigned || !sameCharset) return false
  if (before.base === 'varchar') return keepsLengthBytes(before, after)
  if (before.base === 'enum' || before.base === 'set') return appendsOnly(before, after)
  return before.arguments.join('\u0000') === after.arguments.join('\u0000')
}

/** A VARCHAR may grow in place while the number of its length bytes stays: one up to 255 bytes, two above. */
function keepsLengthBytes(before: ColumnType, after: ColumnType): boolean {
  const [from, to] = [Number(before.arguments[0]), Number(after.arguments[0])]
  const bytes = bytesPerCharacter(before.charset)
  return from <= to && from * bytes > 255 === to * bytes > 255
}

/** ENUM and SET may get members at their end, as long as a value takes as many bytes as before. */
function appendsOnly(before: ColumnType, after: ColumnType): boolean {
  if (!before.arguments.every((value, index) => after.arguments[index] === value)) return false
  const size = before.base === 'enum' ? enumBytes : setBytes
  return size(before.arguments.length) === size(after.arguments.length)
}

const enumBytes = (members: number): number => (members > 255 ? 2 : 1)

/** 1, 2, 3, 4 or 8 bytes. */
function setBytes(members: number): number {
  const bytes = Math.ceil(members / 8)
  return bytes > 4 ? 8 : bytes
}
