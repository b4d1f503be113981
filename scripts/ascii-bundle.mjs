// A bundle in ASCII alone: V8 holds a text with one other character in two bytes for each, which is a twentieth of the work of a start
// (millions of instructions beyond those of Node, counted by cachegrind on a quiet machine on 2026-11-27: `wwdb validate` 307 with an ellipsis and a byte order mark, 290 without).
import { decode, encode } from '@jridgewell/sourcemap-codec'

/** Bundles with more of other characters than this, as a part of all, stay: texts in Chinese, and the spinners of ora. */
const most = 0.02

const others = /[\u0080-\uffff]/g

/** The same program with escapes in strings, templates and patterns, where alone a minified bundle has other characters; null where they are too many. */
export function escapeBundle(text) {
  const count = text.match(others)?.length ?? 0
  return count > most * text.length ? null : text.replaceAll(others, escapeUnit)
}

/** Of UTF-16: two for a character beyond the basic plane, which patterns with the flag `u` take for one. */
const escapeUnit = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`

/** The source map of a bundle that was escaped: each escape is five columns longer than what it stands for. */
export function shiftMap(map, text) {
  const lines = text.split('\n')
  const mappings = decode(map.mappings).map((segments, index) => {
    const places = [...(lines[index] ?? '').matchAll(others)].map((match) => match.index)
    let passed = 0
    return segments.map(([column, ...rest]) => {
      while (passed < places.length && places[passed] < column) passed += 1
      return [column + 5 * passed, ...rest]
    })
  })
  return { ...map, mappings: encode(mappings) }
}
