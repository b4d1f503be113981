import type { InBoth } from '../../core/in-both.ts'
import { type StoreProof, toProof } from '../outcome.ts'
import type { AlertDeclaration, AlertKind } from './alerts.ts'
import { checkDelay } from './check-tasks.ts'
import type { Declaration } from './declaration.ts'
import { alertsOf, declaredAlerts } from './plan-alerts.ts'
import type { ObservedAlert, ObservedContent } from './ports.ts'
import { parseTime } from './time.ts'

/**
 * Whether each check and rule has run when it was due, and how that run ended. Nothing is sent to an endpoint, as a message would reach people.
 * @param now milliseconds since the epoch.
 */
export function checkAlertRuns(declaration: Declaration, content: ObservedContent, now: number): readonly StoreProof[] {
  return (['check', 'notification rule'] as const).flatMap((kind) =>
    declaredAlerts(declaration, kind).flatMap((alert) => {
      const found = alertsOf(content, kind).find(({ name }) => name === alert.name)
      // The comparison reports one that is missing.
      return found === undefined ? [] : [checkAlertRun(kind, alert, found, now)]
    }),
  )
}

function checkAlertRun(
  kind: Exclude<AlertKind, 'notification endpoint'>,
  { name, values }: AlertDeclaration,
  found: ObservedAlert,
  now: number,
): StoreProof {
  const runs = { en: `${kind} ${name} runs`, zh: `${kind === 'check' ? '检查' : '通知规则'} ${name} 正常运行` }
  if (!found.active) return toProof('warning', runs, { en: 'it is inactive', zh: '它已停用' }, null)
  if (found.lastRun === 'failed') return failed(kind, found, runs)
  const everySeconds = parseTime(String(values['every']))
  return checkDelay({ everySeconds, offsetSeconds: parseTime(String(values['offset'])) }, found, now, runs)
}

/** What a rule failed with is not shown: InfluxDB words it with the address or the token of the endpoint. */
function failed(kind: AlertKind, { failure, taskId }: ObservedAlert, runs: InBoth): StoreProof {
  if (kind === 'check') {
    const seen = { en: `its last run failed: ${failure ?? ''}`, zh: `上次运行失败：${failure ?? ''}` }
    const next = { en: 'Correct its declaration, or what it reads.', zh: '请更正其声明，或它所读取的内容。' }
    return toProof('bad', runs, seen, next)
  }
  const request = `GET /api/v2/tasks/${taskId ?? 'ID'}/runs`
  const next = {
    en: `Look at the error with \`${request}\`: it can have a secret of the endpoint in it and is not shown here.`,
    zh: `请用 \`${request}\` 查看错误：其中可能含有端点的密钥，因此此处不显示。`,
  }
  return toProof('bad', runs, { en: 'its last run failed', zh: '上次运行失败' }, next)
}
