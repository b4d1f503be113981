import type { Condition, Migration } from '../../core/migration.ts'
import { compareVersions } from '../../core/version.ts'

/** What `-- wwdb:when` conditions are held against. */
export interface Circumstances {
  readonly environment: string | null
  readonly references: 'physical' | 'logical'
  /** `8.0.12` */
  readonly serverVersion: string
}

function compareDotted(left: string, right: string): number {
  const [a, b] = [left.split('.'), right.split('.')]
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const order = compareVersions(a[index] ?? '0', b[index] ?? '0')
    if (order !== 0) return order
  }
  return 0
}

function holds(condition: Condition, circumstances: Circumstances): boolean {
  switch (condition.type) {
    case 'references':
      return condition.value === circumstances.references
    case 'environment': {
      const named = circumstances.environment !== null && condition.names.includes(circumstances.environment)
      return named !== condition.negated
    }
    case 'server': {
      const order = compareDotted(circumstances.serverVersion, condition.version)
      if (condition.operator === '<') return order < 0
      if (condition.operator === '<=') return order <= 0
      if (condition.operator === '>') return order > 0
      return order >= 0
    }
  }
}

/** True when every condition of the migration (or seed) holds here. */
export function isApplicable(migration: Pick<Migration, 'conditions'>, circumstances: Circumstances): boolean {
  return migration.conditions.every((condition) => holds(condition, circumstances))
}
