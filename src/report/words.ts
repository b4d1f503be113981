import type { Language } from '../core/shared-flags.ts'
import type { ReportGap, ReportRun, ReportStore, ShardLook } from './report.ts'
import { chinese } from './words/chinese.ts'
import { english } from './words/english.ts'

/** All that the report says itself, in one language. What the tool found is in its own sentences. */
export interface Words {
  readonly language: 'en' | 'zh-CN'
  readonly title: string
  readonly made: (time: string, version: string) => string
  readonly environment: (name: string) => string
  readonly skip: string
  readonly contents: string
  readonly overview: string
  /** What is wrong, in a few words, such as `2 errors and 1 warning`; one of both is not 0. */
  readonly wrong: (errors: number, warnings: number) => string
  readonly nothingWrong: string
  /** The same where not all was read. */
  readonly nothingWrongSeen: string
  readonly hints: (count: number) => string
  readonly databases: string
  readonly tables: string
  readonly columns: string
  readonly shards: string
  readonly families: string
  readonly runs: string
  readonly findings: string
  readonly drift: string
  readonly lint: string
  readonly doctor: string
  readonly stores: string
  readonly gaps: string
  readonly gapsWhy: string
  readonly search: string
  readonly searchHint: string
  readonly searchKeys: string
  readonly noHits: string
  readonly hits: string
  readonly theme: Readonly<Record<'auto' | 'light' | 'dark', string>>
  readonly diagram: (database: string) => string
  readonly diagramKey: string
  readonly zoom: Readonly<Record<'in' | 'out' | 'fit', string>>
  readonly notDrawn: (count: number) => string
  readonly fromFiles: string
  readonly migrations: (applied: number, pending: number) => string
  readonly column: string
  readonly type: string
  readonly nullable: string
  readonly default: string
  readonly comment: string
  readonly madeBy: string
  readonly madeByFile: string
  readonly changedBy: string
  readonly applied: (day: string) => string
  readonly optional: string
  readonly keys: Readonly<Record<'primary' | 'unique' | 'index', string>>
  readonly refersTo: string
  readonly referredFrom: string
  readonly logical: string
  readonly indexes: string
  readonly uniqueIndex: string
  readonly others: string
  readonly familyOf: (count: number) => string
  readonly perPeriod: Readonly<Record<'day' | 'week' | 'month' | 'quarter' | 'year' | 'key', string>>
  readonly calendar: (family: string) => string
  readonly calendarKeys: string
  readonly looks: Readonly<Record<ShardLook, string>>
  readonly toKnow: string
  readonly more: (count: number) => string
  readonly none: Readonly<
    Record<'families' | 'shards' | 'runs' | 'drift' | 'lint' | 'doctor' | 'stores' | 'tables', string>
  >
  /** For a part with nothing of which not all was read. */
  readonly notRead: string
  readonly when: string
  readonly command: string
  readonly by: string
  readonly duration: string
  readonly outcome: string
  readonly outcomes: Readonly<Record<ReportRun['outcome'], string>>
  readonly slowest: string
  readonly severities: Readonly<Record<'error' | 'warning' | 'hint', string>>
  readonly next: string
  readonly storeStates: Readonly<Record<ReportStore['state'], string>>
  readonly unchanged: (count: number) => string
  readonly parts: Readonly<Record<ReportGap['part'], string>>
  readonly pattern: string
  readonly template: string
}

export function wordsOf(language: Language): Words {
  return language === 'zh' ? chinese : english
}
