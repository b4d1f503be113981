import { type StoreProof, toProof } from '../outcome.ts'
import type { Declaration } from './declaration.ts'
import { alertsOf, declaredAlerts } from './plan-alerts.ts'
import type { ObservedContent } from './ports.ts'

/** How the last run of each check and rule ended. Nothing is sent to an endpoint, as a message would reach people. */
export function checkAlertRuns(declaration: Declaration, content: ObservedContent): readonly StoreProof[] {
  return (['check', 'notification rule'] as const).flatMap((kind) =>
    declaredAlerts(declaration, kind).flatMap(({ name }) => {
      const found = alertsOf(content, kind).find((one) => one.name === name)
      // The comparison reports one that is missing.
      if (found === undefined) return []
      const runs = { en: `${kind} ${name} runs`, zh: `${kind === 'check' ? '检查' : '通知规则'} ${name} 正常运行` }
      if (!found.active) return [toProof('warning', runs, { en: 'it is inactive', zh: '它已停用' }, null)]
      if (found.failure === null) {
        return [toProof('good', runs, { en: 'its last run did not fail', zh: '上次运行没有失败' }, null)]
      }
      const seen = { en: `its last run failed: ${found.failure}`, zh: `上次运行失败：${found.failure}` }
      const next = { en: 'Correct its declaration, or what it reads.', zh: '请更正其声明，或它所读取的内容。' }
      return [toProof('bad', runs, seen, next)]
    }),
  )
}
