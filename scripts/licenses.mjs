// The licenses of what the bundles carry: most of them ask that their text goes along with copies.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * @param modules paths of the files that were bundled, in any order
 * @returns a text with a section for each package: its name, version and license, then its own files of license and notice
 */
export function listLicenses(modules) {
  const folders = new Set(
    modules.flatMap((path) => /^(?:\0[^/]*)?(\/.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
  )
  const sections = [...folders].filter((folder) => existsSync(join(folder, 'package.json'))).map(describePackage)
  const unique = [...new Map(sections.map((section) => [section.name, section])).values()]
  const sorted = unique.toSorted((one, other) => (one.name < other.name ? -1 : 1))
  const head = 'wwdb carries parts of these packages, each under its own license.\n'
  return [head, ...sorted.map(({ name, text }) => `${'='.repeat(80)}\n${name}\n\n${text}\n`)].join('\n')
}

function describePackage(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const files = readdirSync(folder).filter((file) => /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i.test(file))
  const texts = files.toSorted().map((file) => readFileSync(join(folder, file), 'utf8').trim())
  if (license === undefined && texts.length === 0) throw new Error(`${name} ${version} says nothing of its license`)
  return { name: `${name} ${version} (${license ?? 'see below'})`, text: texts.join('\n\n') }
}
