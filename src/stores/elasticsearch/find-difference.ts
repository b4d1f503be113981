import { countOf, groupDigits } from '../../core/plural.ts'
import type { Comparison, CopyDriver } from './reindex-ports.ts'

/** Documents that are compared at the end, beside those that were written meanwhile. */
const sampleSize = 200

/** While nothing is written, removes what the copy has beyond its source, and compares both; null where they are equal. */
export async function findDifference(driver: CopyDriver, sides: Comparison): Promise<string | null> {
  const { source, copy } = sides
  const expected = await driver.count(source, null)
  let found = await driver.count(copy, null)
  // Nothing is written any more, so the difference is how many they are.
  if (found > expected) {
    await driver.removeSurplus({ ...sides, most: found - expected })
    found = await driver.count(copy, null)
  }
  if (found !== expected) {
    return `${source} has ${countOf(expected, 'document')}, ${copy} has ${groupDigits(found)}`
  }
  const [first, ...others] = await driver.compareSample(source, copy, sampleSize)
  return first === undefined ? null : `Document ${first} and ${others.length} more of a sample differ`
}
