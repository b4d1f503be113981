import type { Result } from '../../core/result.ts'
import type { Line } from '../text/span.ts'
import { wrapLine } from '../text/wrap.ts'
import type { Page } from './page.ts'

type VersionResult = Extract<Result, { readonly kind: 'version' }>

/** The tool's version with what it runs on, as a report of a defect needs it. */
export function renderVersion(result: VersionResult, page: Page): readonly Line[] {
  return wrapLine([`wwdb ${result.version} (node ${result.node}, ${result.platform})`], page.columns)
}
