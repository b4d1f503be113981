import type { Page } from '../terminal/human/page.ts'
import type { Line } from '../terminal/text/span.ts'
import { wrapLine } from '../terminal/text/wrap.ts'
import type { View } from '../terminal/view.ts'

/** The answer of `version`. */
export interface VersionResult {
  readonly kind: 'version'
  readonly version: string
  readonly node: string
  readonly platform: string
}

export const versionView: View<VersionResult> = {
  render: renderVersion,
}

/** The tool's version and its platform, as a bug report needs them. */
function renderVersion(result: VersionResult, page: Page): readonly Line[] {
  return wrapLine([`wwdb ${result.version} (node ${result.node}, ${result.platform})`], page.columns)
}

declare module '../command/result.ts' {
  interface Answers {
    readonly version: VersionResult
  }
}
