import type { PeriodKind } from '../core/shard-family.ts'
import { periodOf } from './period.ts'

/** How the digits of a key, without what stands between them, are parted again. */
const digits: Readonly<Record<PeriodKind, { readonly form: RegExp; readonly key: string }>> = {
  day: { form: /^(\d{4})(\d\d)(\d\d)$/, key: '$1-$2-$3' },
  week: { form: /^(\d{4})(\d\d)$/, key: '$1-W$2' },
  month: { form: /^(\d{4})(\d\d)$/, key: '$1-$2' },
  quarter: { form: /^(\d{4})(\d)$/, key: '$1-Q$2' },
  year: { form: /^(\d{4})$/, key: '$1' },
}

/** The first id of a period's shard: the digits of its key times the factor (`2026-12` and 10^10: 2026120000000000). */
export function firstId(key: string, factor: bigint): bigint {
  return BigInt(key.replaceAll(/\D/g, '')) * factor
}

/**
 * The key of the period that an id was made in; null for one that no period's shard begins below. True as long as no shard
 * takes more rows than the factor has room for.
 */
export function keyOfId(id: bigint, factor: bigint, kind: PeriodKind, zone: string): string | null {
  if (id < 0n) return null
  const { form, key } = digits[kind]
  const text = String(id / factor)
  if (!form.test(text)) return null
  const found = text.replace(form, key)
  return periodOf(found, kind, zone) === null ? null : found
}
