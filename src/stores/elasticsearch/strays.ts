import type { Undeclared } from '../find-drift.ts'
import type { Stray } from './index-ports.ts'

/** Who made it is not known, as it has no mark: how a person declares or removes it. */
export function describeStray({ kind, name }: Stray): Undeclared {
  return { resource: { kind, name }, detail: null, severity: 'warning', next: nextFor(kind, name) }
}

function nextFor(kind: Stray['kind'], name: string): Undeclared['next'] {
  switch (kind) {
    case 'alias':
      return {
        en: `Declare it; as \`${name}: null\` under \`aliases\`, it is removed.`,
        zh: `请声明它；在 \`aliases\` 下写 \`${name}: null\` 则会将其删除。`,
      }
    case 'index':
      return {
        en: `Declare it, or remove it with its documents with \`DELETE /${name}\` when it is unused.`,
        zh: `请声明它；若已不使用，请用 \`DELETE /${name}\` 连同其文档一起删除。`,
      }
    case 'snapshot repository':
      return {
        en: `Declare it, or remove it with \`DELETE /_snapshot/${name}\` when it is unused: its files stay.`,
        zh: `请声明它；若已不使用，请用 \`DELETE /_snapshot/${name}\` 删除：其文件保留。`,
      }
  }
}
