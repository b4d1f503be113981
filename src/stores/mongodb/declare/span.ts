const factors: readonly (readonly [RegExp, number])[] = [
  [/^(?:ms|milliseconds?)$/, 1],
  [/^(?:s|seconds?)$/, 1000],
  [/^(?:m|minutes?)$/, 60_000],
  [/^(?:h|hours?)$/, 3_600_000],
  [/^(?:d|days?)$/, 86_400_000],
  [/^(?:w|weeks?)$/, 604_800_000],
]

/** Milliseconds of `90 days`, `500ms`, `2h`; 0 for what the schema has refused. */
export function parseSpan(text: string): number {
  const [, number = '0', unit = ''] = /^\s*(\d+)\s*([a-z]+)\s*$/.exec(text) ?? []
  const factor = factors.find(([pattern]) => pattern.test(unit))?.[1] ?? 0
  return Number(number) * factor
}
