import type { Migration } from '../../core/migration.ts'
import type { Step } from '../plan.ts'
import type { RowToOpen } from '../ports.ts'
import type { ReadyStatement } from './ready-statement.ts'
import type { StepRun } from './work.ts'

type OfStep = Pick<RowToOpen, 'pass' | 'version' | 'name' | 'kind' | 'direction' | 'checksum' | 'total'>

function ofStep(run: StepRun): OfStep {
  const { migration, type, total } = run.step
  return {
    pass: run.pass,
    version: migration.version,
    name: migration.name,
    kind: type === 'record' ? 'mark' : migration.kind,
    direction: type === 'revert' ? 'down' : 'up',
    checksum: migration.checksum,
    total: Math.max(1, total),
  }
}

/** The row of a statement; `fingerprint` null where looking at objects is no help. */
export function statementRow(run: StepRun, ready: ReadyStatement, fingerprint: string | null): RowToOpen {
  return {
    ...ofStep(run),
    statement: ready.source.index,
    hash: ready.source.hash,
    class: ready.class,
    summary: ready.summary,
    objects: ready.objects,
    fingerprint,
    identity: ready.evidence !== 'definition',
  }
}

/** The row of a data migration: the whole module is one statement. */
export function moduleRow(run: StepRun): RowToOpen {
  const { migration, type } = run.step
  return {
    ...ofStep(run),
    statement: 0,
    hash: migration.checksum,
    class: 'module',
    summary: moduleSummary(migration, type),
    objects: [],
    fingerprint: null,
    identity: false,
  }
}

function moduleSummary({ file, shards }: Migration, type: Step['type']): string {
  const part = type === 'revert' ? 'down' : 'up'
  return shards === undefined ? `${part}() of ${file}` : `${part} on every shard of ${shards}`
}

/** The row of a step that only records. */
export function recordRow(run: StepRun): RowToOpen {
  return {
    ...ofStep(run),
    statement: 0,
    total: 1,
    hash: run.step.migration.checksum,
    class: 'record',
    summary: 'recorded only',
    objects: [],
    fingerprint: null,
    identity: false,
  }
}
