// The configuration of the site of the documentation, as scripts/docs.mjs asks for it.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readAsRepository, slugOf } from './markdown.mjs'
import { placeOf } from './pages.mjs'

/**
 * @typedef {object} Site
 * @property {string} folder where its pages lie, at their places
 * @property {string} base the path of its root: `/`, or `/v1.0.0/`
 * @property {string} version a tag, or the branch
 * @property {readonly { text: string, link: string }[]} versions all that are there
 * @property {string | null} repository its address, for links to what is no page
 */

const english = {
  start: 'Start',
  guides: 'Guides',
  operations: 'Operations',
  reference: 'Reference',
  internals: 'Internals',
}
const chinese = { start: '入门', guides: '指南' }

/** @param {Site} site @returns {import('vitepress').UserConfig} */
export function configOf(site) {
  const { folder, base, version, versions } = site
  const isPage = (/** @type {string} */ file) => file.endsWith('.md') && existsSync(join(folder, placeOf(file)))
  const picker = { text: version, items: [...versions] }
  return {
    title: 'wwdb',
    description: 'Versioned migrations, sharded tables and stores for people who run several MySQL databases',
    base,
    cleanUrls: false,
    lastUpdated: false,
    locales: {
      root: {
        label: 'English',
        lang: 'en',
        themeConfig: {
          nav: [{ text: 'All pages', link: '/pages' }, { text: 'Changelog', link: '/CHANGELOG' }, picker],
          sidebar: sidebarOf(folder, '', english),
        },
      },
      zh: {
        label: '中文',
        lang: 'zh-CN',
        themeConfig: {
          nav: [{ text: '全部页面', link: '/zh/pages' }, picker],
          sidebar: sidebarOf(folder, 'zh/', chinese),
          outline: { label: '本页内容' },
          docFooter: { prev: '上一页', next: '下一页' },
        },
      },
    },
    themeConfig: {
      // The other language begins at its start page: reference, operations and internals are in English alone.
      i18nRouting: false,
      search: {
        provider: 'local',
        options: {
          miniSearch: { options: { tokenize } },
          locales: { zh: { translations: { button: { buttonText: '搜索' }, modal: { noResultsText: '没有结果' } } } },
        },
      },
    },
    markdown: {
      anchor: { slugify: slugOf },
      config: (markdown) => readAsRepository(markdown, { ...site, isPage }),
    },
    vite: { build: { chunkSizeWarningLimit: 10_000 }, logLevel: 'warn' },
  }
}

/**
 * The words of a text for the search: Chinese has no spaces, so that two characters in a row are a word there. It is sent to the browser as its text, and uses nothing from outside.
 * @param {string} text
 */
export function tokenize(text) {
  const words = text.match(/\p{Script=Han}+|[^\s\p{P}\p{Z}\p{Script=Han}]+/gu) ?? []
  return words.flatMap((word) => {
    if (!/\p{Script=Han}/u.test(word) || word.length === 1) return [word]
    return Array.from({ length: word.length - 1 }, (_, index) => word.slice(index, index + 2))
  })
}

/** A group for each folder. Pages of a folder inside one are reached from its page. @param {string} folder @param {string} root @param {Readonly<Record<string, string>>} groups */
function sidebarOf(folder, root, groups) {
  const there = Object.entries(groups).filter(([group]) => existsSync(join(folder, root, group)))
  return there.map(([group, text]) => ({
    text,
    collapsed: group !== 'start',
    items: readdirSync(join(folder, root, group))
      .filter((name) => name.endsWith('.md'))
      .map((name) => ({
        text: titleOf(join(folder, root, group, name)),
        link: `/${root}${group}/${name.slice(0, -3)}`,
      })),
  }))
}

/** @param {string} file */
function titleOf(file) {
  const [, title = file] = /^# (.*)$/m.exec(readFileSync(file, 'utf8')) ?? []
  return title.replaceAll('`', '')
}
