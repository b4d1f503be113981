const months = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ')
const days = 'SUN MON TUE WED THU FRI SAT'.split(' ')

interface Field {
  readonly least: number
  readonly most: number
  /** From the least on. */
  readonly names: readonly string[]
}

const second: Field = { least: 0, most: 59, names: [] }
const fields: readonly Field[] = [
  { least: 0, most: 59, names: [] },
  { least: 0, most: 23, names: [] },
  { least: 1, most: 31, names: [] },
  { least: 1, most: 12, names: months },
  { least: 0, most: 6, names: days },
]

const words = /^@(?:hourly|daily|midnight|weekly|monthly|yearly|annually)$/

/** Whether InfluxDB takes this as a schedule: it reports a fault only when the task is written, after other changes. */
export function isCron(text: string): boolean {
  if (words.test(text)) return true
  const parts = text.trim().split(/\s+/)
  const wanted = parts.length === 6 ? [second, ...fields] : fields
  return parts.length === wanted.length && wanted.every((field, at) => isField(parts[at] ?? '', field))
}

/** A list of values and ranges, each with a step. */
function isField(text: string, field: Field): boolean {
  return text.split(',').every((part) => {
    const [range = '', step, ...rest] = part.split('/')
    if (rest.length > 0 || (step !== undefined && !/^[1-9]\d{0,2}$/.test(step))) return false
    if (range === '*') return true
    const ends = range.split('-').map((one) => readValue(one, field))
    const [from = -1, to = from] = ends
    return ends.length <= 2 && from >= field.least && to >= from && to <= field.most
  })
}

/** Minus one for what is neither a number nor a name of the field. */
function readValue(text: string, { least, names }: Field): number {
  if (/^\d{1,2}$/.test(text)) return Number(text)
  const at = names.indexOf(text.toUpperCase())
  return at === -1 ? -1 : at + least
}
