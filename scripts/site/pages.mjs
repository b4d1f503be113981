// Which files are pages of the site, and where: the start pages of both languages at their roots, and what is in docs/ without that folder.
import { posix } from 'node:path'

/** @type {ReadonlyMap<string, string>} */
const named = new Map([
  ['README.md', 'index.md'],
  ['README.zh-CN.md', 'zh/index.md'],
  ['docs/README.md', 'pages.md'],
  ['docs/zh/README.md', 'zh/pages.md'],
])

/** The files and folders of the repository that have pages and pictures. */
export const sources = ['README.md', 'README.zh-CN.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs']

/** The place of a file in the site. @param {string} file from the root of the repository */
export function placeOf(file) {
  return named.get(file) ?? file.replace(/^docs\//, '')
}

/** The file of a page. @param {string} place */
export function fileOf(place) {
  const found = [...named].find(([, one]) => one === place)
  if (found !== undefined) return found[0]
  return place.includes('/') ? `docs/${place}` : place
}

/** What a link in a file leads to: a file from the root of the repository, and an anchor with its `#`. @param {string} file @param {string} href */
export function resolveLink(file, href) {
  const [path = '', anchor] = href.split('#')
  const target = path === '' ? file : posix.join(posix.dirname(file), decodeURI(path)).replace(/\/$/, '')
  return { target, anchor: anchor === undefined ? '' : `#${anchor}` }
}
