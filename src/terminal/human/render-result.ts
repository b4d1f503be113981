import type { Result } from '../../core/result.ts'
import { assertNever } from '../../core/tool-error.ts'
import type { Line } from '../text/span.ts'
import { renderConfig } from './config.ts'
import { renderDatabases } from './databases.ts'
import { renderFiles } from './files.ts'
import { renderHistory } from './history.ts'
import { renderLocks } from './locks.ts'
import { renderOrphans } from './orphans.ts'
import { nextLines, type Page } from './page.ts'
import { renderPlan } from './plan.ts'
import { renderPlatform } from './platform.ts'
import { renderProvision, renderProvisionList, renderProvisionRemoval } from './provision.ts'
import { renderPublication } from './publication.ts'
import { renderRotation, renderRotationPlan } from './rotation.ts'
import { renderRunSummary } from './run-summary.ts'
import { renderSandbox } from './sandbox.ts'
import { renderSchedule, renderScheduleRun } from './schedule.ts'
import { renderSeed } from './seed.ts'
import { renderSeedMatrix } from './seed-matrix.ts'
import { renderShardAdoption } from './shard-adoption.ts'
import { renderShardCheck } from './shard-check.ts'
import { renderShardDiff } from './shard-diff.ts'
import { renderShardRepair } from './shard-repair.ts'
import { renderShardList, renderShardLocation } from './shards.ts'
import { renderStatus } from './status.ts'
import { renderStorePlan } from './store-plan.ts'
import { renderStoreRun } from './store-run.ts'
import { renderStoreVerification } from './store-verification.ts'
import { renderTemplates } from './templates.ts'
import { renderValidation } from './validation.ts'
import { renderVersion } from './version.ts'

/** An answer that is laid out; documents are printed as they are. */
export type LaidOutResult = Exclude<Result, { readonly kind: 'document' }>

/** The lines of an answer. */
export function renderResult(result: LaidOutResult, page: Page): readonly Line[] {
  switch (result.kind) {
    case 'run':
      return renderRunSummary(result, page)
    case 'plan':
      return [...renderPlan(result.plan, page), ...nextLines(adviseAfterPlan(result.file), page)]
    case 'status':
      return renderStatus(result, page)
    case 'history':
      return renderHistory(result, page)
    case 'validation':
      return renderValidation(result, page)
    case 'config':
      return renderConfig(result, page)
    case 'files':
      return renderFiles(result, page)
    case 'locks':
      return renderLocks(result, page)
    case 'databases':
      return renderDatabases(result, page)
    case 'orphans':
      return renderOrphans(result, page)
    case 'sandbox':
      return renderSandbox(result, page)
    case 'schedule':
      return renderSchedule(result, page)
    case 'schedule-run':
      return renderScheduleRun(result, page)
    case 'seed':
      return renderSeed(result, page)
    case 'seed-matrix':
      return renderSeedMatrix(result, page)
    case 'templates':
      return renderTemplates(result, page)
    case 'rotation':
      return renderRotation(result, page)
    case 'rotation-plan':
      return renderRotationPlan(result, page)
    case 'shard-check':
      return renderShardCheck(result, page)
    case 'shard-list':
      return renderShardList(result, page)
    case 'shard-location':
      return renderShardLocation(result, page)
    case 'shard-adoption':
      return renderShardAdoption(result, page)
    case 'shard-repair':
      return renderShardRepair(result, page)
    case 'shard-diff':
      return renderShardDiff(result, page)
    case 'publication':
      return renderPublication(result, page)
    case 'platform':
      return renderPlatform(result, page)
    case 'store-plan':
      return renderStorePlan(result, page)
    case 'store-run':
      return renderStoreRun(result, page)
    case 'store-verification':
      return renderStoreVerification(result, page)
    case 'provision':
      return renderProvision(result)
    case 'provision-list':
      return renderProvisionList(result, page)
    case 'provision-removal':
      return renderProvisionRemoval(result, page)
    case 'program':
      return []
    case 'version':
      return renderVersion(result, page)
    default:
      return assertNever(result)
  }
}

function adviseAfterPlan(file: string | null): readonly string[] {
  return file === null
    ? []
    : [`\`wwdb migrate --plan ${file}\` runs exactly this plan, or refuses if its inputs have changed.`]
}
