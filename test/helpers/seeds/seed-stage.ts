import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Stage } from '../tool/stage.ts'

const root = resolve(import.meta.dirname, '../../..')

/** The platform's own migrations and seeds of user_db, as files of a stage. */
export function platformFiles(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    ['migrations/user_db', 'seeds/user_db'].flatMap((folder) =>
      readdirSync(join(root, folder)).map((name) => {
        const file = `${folder}/${name}`
        return [file, readFileSync(join(root, file), 'utf8')] as const
      }),
    ),
  )
}

/** Tables of categories with parents and of articles, with seeds for both. */
export const shopFiles: Readonly<Record<string, string>> = {
  'app/0001_shop.sql': `-- migrate:up
CREATE TABLE categories (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, code VARCHAR(20) NOT NULL, title VARCHAR(40) NOT NULL,
  parent_id BIGINT UNSIGNED NULL, rank_no INT NOT NULL DEFAULT 0,
  updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  UNIQUE KEY uk_code (code), FOREIGN KEY (parent_id) REFERENCES categories (id)
) COLLATE utf8mb4_unicode_ci;
CREATE TABLE articles (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, category_id BIGINT UNSIGNED NOT NULL, name VARCHAR(40) NOT NULL,
  price DECIMAL(10,2) NULL, weight FLOAT NULL, options JSON NULL, since DATE NULL, kind ENUM('new','old') NULL, code VARBINARY(8) NULL,
  doubled DECIMAL(12,2) AS (price * 2), updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  UNIQUE KEY uk_article (category_id, name), FOREIGN KEY (category_id) REFERENCES categories (id) ON DELETE CASCADE
);
CREATE TABLE orders (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, article_id BIGINT UNSIGNED NULL,
  FOREIGN KEY (article_id) REFERENCES articles (id) ON DELETE SET NULL);
-- migrate:down
DROP TABLE orders; DROP TABLE articles; DROP TABLE categories;
`,
  'seeds/app/categories.yaml': `table: categories
key: code
references:
  parent: { table: categories, key: code }
rows:
  - { code: wine, title: Wein, parent: drinks }
  - { code: drinks, title: 饮料, parent: ~ }
  - { code: bread, title: Brot, rank_no: 7 }
`,
  'seeds/app/articles.json': `{
  "table": "articles", "key": ["category", "name"],
  "references": { "category": { "table": "categories", "key": "code" } },
  "rows": [
    { "category": "wine", "name": "Rotwein", "price": 9.5, "weight": 1.25, "options": { "b": [1, true], "a": null }, "since": "2026-01-02" },
    { "category": "bread", "name": "Roggen", "price": 3.20, "kind": "new", "code": "ab" }
  ]
}
`,
}

/** Everything of a table's rows but the columns left out, for comparing before with after. */
export async function rowsOf(stage: Stage, table: string, database = 'app'): Promise<string> {
  const columns = await stage.query(
    `SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA=DATABASE() AND TABLE_NAME='${table}' ORDER BY ORDINAL_POSITION`,
    database,
  )
  return JSON.stringify(
    await stage.query(
      `SELECT ${columns.map(([name]) => `\`${String(name)}\``).join(',')} FROM \`${table}\` ORDER BY 1`,
      database,
    ),
  )
}

/** The next number of a table's AUTO_INCREMENT, not from a cache. */
export async function nextNumber(stage: Stage, table: string, database = 'app'): Promise<number> {
  await stage.query('SET SESSION information_schema_stats_expiry = 0', database)
  const [row] = await stage.query(
    `SELECT AUTO_INCREMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA=DATABASE() AND TABLE_NAME='${table}'`,
    database,
  )
  return Number(row?.[0])
}
