-- migration: create
-- expect: nothing
CREATE TABLE articles (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  slug VARCHAR(150) NOT NULL,
  title VARCHAR(200) NOT NULL,
  body MEDIUMTEXT NOT NULL,
  author_id BIGINT UNSIGNED NOT NULL,
  published_at DATETIME NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uk_slug (slug),
  KEY idx_author (author_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- migration: search
-- expect: LOCKING_INDEX, BLOCKING_LOCK
ALTER TABLE articles ADD FULLTEXT KEY ft_title_body (title, body);
-- expect: TEXT_KEY_WITHOUT_LENGTH
ALTER TABLE articles ADD KEY idx_body (body);
-- expect: nothing
ALTER TABLE articles ADD KEY idx_title_prefix (title(40));
-- expect: REDUNDANT_INDEX
ALTER TABLE articles ADD KEY idx_author_published (author_id, published_at);
-- expect: DUPLICATE_INDEX
CREATE INDEX idx_slug ON articles (slug);
