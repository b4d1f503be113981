import { type SlotRange, slotCount } from './sight.ts'

/** The slots of some ranges. */
export function slotsOf(ranges: readonly SlotRange[]): readonly number[] {
  return ranges.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, offset) => first + offset))
}

/** Slots as ranges, in ascending order. */
export function rangesOf(slots: Iterable<number>): readonly SlotRange[] {
  const ranges: { first: number; last: number }[] = []
  for (const slot of [...slots].sort((one, other) => one - other)) {
    const latest = ranges.at(-1)
    if (latest !== undefined && slot <= latest.last + 1) latest.last = slot
    else ranges.push({ first: slot, last: slot })
  }
  return ranges
}

/** `0-5460, 5462`; `no slots` for none. */
export function describeSlots(ranges: readonly SlotRange[]): string {
  if (ranges.length === 0) return 'no slots'
  return ranges.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`)).join(', ')
}

/** All slots in as many parts of nearly the same size. */
export function evenParts(count: number): readonly SlotRange[] {
  return Array.from({ length: count }, (_, index) => ({
    first: Math.floor((slotCount * index) / count),
    last: Math.floor((slotCount * (index + 1)) / count) - 1,
  }))
}
