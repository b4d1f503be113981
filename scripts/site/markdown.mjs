// How pages are rendered that are written for a repository: what a template of Vue would execute is text here, anchors are those of GitHub, and links lead to pages of the site.
import { posix } from 'node:path'
import { fileOf, placeOf, resolveLink } from './pages.mjs'

/** @typedef {import('vitepress').MarkdownRenderer} Renderer */

/** An anchor as GitHub makes it of a heading. @param {string} heading */
export function slugOf(heading) {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
}

/** Text that neither HTML nor Vue reads as anything else. @param {string} text */
function asText(text) {
  const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '{': '&#123;' }
  return text.replaceAll(/[&<>"{]/g, (one) => escapes[/** @type {keyof typeof escapes} */ (one)])
}

/**
 * @param {Renderer} markdown
 * @param {{ isPage: (file: string) => boolean, repository: string | null, version: string }} site
 */
export function readAsRepository(markdown, site) {
  const { rules } = markdown.renderer
  rules['text'] = (tokens, index) => asText(tokens[index]?.content ?? '')
  rules['code_inline'] = (tokens, index) => `<code>${asText(tokens[index]?.content ?? '')}</code>`
  // Pages have comments, and no other HTML: `<name>` is a word of theirs.
  for (const kind of ['html_block', 'html_inline'])
    rules[kind] = (tokens, index) => {
      const content = tokens[index]?.content ?? ''
      if (/^\s*<!--[\s\S]*-->\s*$/.test(content)) return ''
      // The sign behind a heading that leads to it.
      return content === '&ZeroWidthSpace;' ? content : asText(content)
    }
  markdown.core.ruler.push('links of the repository', (state) => {
    const file = fileOf(state.env.relativePath)
    for (const token of state.tokens) {
      const children = token.children ?? []
      for (const [index, child] of children.entries()) {
        if (child.type === 'image') child.attrSet('src', pictureOf(file, String(child.attrGet('src'))))
        if (child.type === 'link_open') leadOn(children, index, file, site)
      }
    }
  })
}

/** @param {string} file @param {string} source */
function pictureOf(file, source) {
  if (/^[a-z]+:/.test(source)) return source
  const place = posix.relative(posix.dirname(placeOf(file)), placeOf(resolveLink(file, source).target))
  return place.startsWith('.') ? place : `./${place}`
}

/**
 * A link to a page leads to it; to another file, to the repository. Where it is not known, its words remain.
 * @param {ReturnType<Renderer['parse']>} tokens @param {number} index @param {string} file
 * @param {{ isPage: (file: string) => boolean, repository: string | null, version: string }} site
 */
function leadOn(tokens, index, file, { isPage, repository, version }) {
  const open = tokens[index]
  const href = open?.attrGet('href') ?? ''
  if (open === undefined || /^(?:[a-z]+:|#)/.test(href)) return
  const { target, anchor } = resolveLink(file, href)
  if (isPage(target)) return open.attrSet('href', `/${placeOf(target)}${anchor}`)
  if (repository !== null) return open.attrSet('href', `${repository}/blob/${version}/${target}${anchor}`)
  open.tag = 'span'
  open.attrs = null
  const close = tokens.slice(index).find(({ type }) => type === 'link_close')
  if (close !== undefined) close.tag = 'span'
}
