-- A blog, in the manner of wordpress.
-- migration: tables
-- useful: ZERO_DATE
CREATE TABLE wp_users (
  ID bigint(20) unsigned NOT NULL auto_increment,
  user_login varchar(60) NOT NULL default '',
  user_pass varchar(255) NOT NULL default '',
  user_nicename varchar(50) NOT NULL default '',
  user_email varchar(100) NOT NULL default '',
  user_url varchar(100) NOT NULL default '',
  user_registered datetime NOT NULL default '0000-00-00 00:00:00',
  user_activation_key varchar(255) NOT NULL default '',
  user_status int(11) NOT NULL default '0',
  display_name varchar(250) NOT NULL default '',
  PRIMARY KEY  (ID),
  KEY user_login_key (user_login),
  KEY user_nicename (user_nicename),
  KEY user_email (user_email)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;
CREATE TABLE wp_usermeta (
  umeta_id bigint unsigned NOT NULL auto_increment,
  user_id bigint unsigned NOT NULL default 0,
  meta_key varchar(255) default NULL,
  meta_value longtext,
  PRIMARY KEY  (umeta_id),
  KEY user_id (user_id),
  KEY meta_key (meta_key(191))
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;
CREATE TABLE wp_posts (
  ID bigint unsigned NOT NULL auto_increment,
  post_author bigint unsigned NOT NULL default 0,
  post_date datetime NOT NULL,
  post_content longtext NOT NULL,
  post_title text NOT NULL,
  post_excerpt text NOT NULL,
  post_status varchar(20) NOT NULL default 'publish',
  comment_status varchar(20) NOT NULL default 'open',
  post_password varchar(255) NOT NULL default '',
  post_name varchar(200) NOT NULL default '',
  post_parent bigint unsigned NOT NULL default 0,
  guid varchar(255) NOT NULL default '',
  menu_order int NOT NULL default 0,
  post_type varchar(20) NOT NULL default 'post',
  post_mime_type varchar(100) NOT NULL default '',
  comment_count bigint NOT NULL default 0,
  PRIMARY KEY  (ID),
  KEY post_name (post_name(191)),
  KEY type_status_date (post_type, post_status, post_date, ID),
  KEY post_parent (post_parent),
  KEY post_author (post_author)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;
CREATE TABLE wp_postmeta (
  meta_id bigint unsigned NOT NULL auto_increment,
  post_id bigint unsigned NOT NULL default 0,
  meta_key varchar(255) default NULL,
  meta_value longtext,
  PRIMARY KEY  (meta_id),
  KEY post_id (post_id),
  KEY meta_key (meta_key(191))
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;
CREATE TABLE wp_comments (
  comment_ID bigint unsigned NOT NULL auto_increment,
  comment_post_ID bigint unsigned NOT NULL default 0,
  comment_author tinytext NOT NULL,
  comment_author_email varchar(100) NOT NULL default '',
  comment_author_IP varchar(100) NOT NULL default '',
  comment_date datetime NOT NULL,
  comment_content text NOT NULL,
  comment_karma int NOT NULL default 0,
  comment_approved varchar(20) NOT NULL default '1',
  comment_parent bigint unsigned NOT NULL default 0,
  user_id bigint unsigned NOT NULL default 0,
  PRIMARY KEY  (comment_ID),
  KEY comment_post_ID (comment_post_ID),
  KEY comment_approved_date (comment_approved, comment_date),
  KEY comment_parent (comment_parent),
  KEY comment_author_email (comment_author_email(10))
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;
CREATE TABLE wp_terms (term_id bigint unsigned NOT NULL auto_increment, name varchar(200) NOT NULL default '', slug varchar(200) NOT NULL default '', term_group bigint NOT NULL default 0, PRIMARY KEY (term_id), KEY slug (slug(191)), KEY name (name(191))) DEFAULT CHARACTER SET utf8mb4;
CREATE TABLE wp_term_taxonomy (term_taxonomy_id bigint unsigned NOT NULL auto_increment, term_id bigint unsigned NOT NULL default 0, taxonomy varchar(32) NOT NULL default '', description longtext NOT NULL, parent bigint unsigned NOT NULL default 0, count bigint NOT NULL default 0, PRIMARY KEY (term_taxonomy_id), UNIQUE KEY term_id_taxonomy (term_id, taxonomy), KEY taxonomy (taxonomy)) DEFAULT CHARACTER SET utf8mb4;
CREATE TABLE wp_term_relationships (object_id bigint unsigned NOT NULL default 0, term_taxonomy_id bigint unsigned NOT NULL default 0, term_order int NOT NULL default 0, PRIMARY KEY (object_id, term_taxonomy_id), KEY term_taxonomy_id (term_taxonomy_id)) DEFAULT CHARACTER SET utf8mb4;
CREATE TABLE wp_options (option_id bigint unsigned NOT NULL auto_increment, option_name varchar(191) NOT NULL default '', option_value longtext NOT NULL, autoload varchar(20) NOT NULL default 'yes', PRIMARY KEY (option_id), UNIQUE KEY option_name (option_name), KEY autoload (autoload)) DEFAULT CHARACTER SET utf8mb4;
CREATE TABLE wp_links (link_id bigint unsigned NOT NULL auto_increment, link_url varchar(255) NOT NULL default '', link_name varchar(255) NOT NULL default '', link_visible varchar(20) NOT NULL default 'Y', link_rating int NOT NULL default 0, PRIMARY KEY (link_id), KEY link_visible (link_visible)) DEFAULT CHARACTER SET utf8mb4;
-- migration: updates
ALTER TABLE wp_posts ADD INDEX post_date (post_date);
ALTER TABLE wp_users ADD COLUMN locale varchar(20) NOT NULL default '';
ALTER TABLE wp_comments ADD COLUMN comment_type varchar(20) NOT NULL default 'comment';
ALTER TABLE wp_options MODIFY option_name varchar(250) NOT NULL default '';
ALTER TABLE wp_links DROP INDEX link_visible, ADD INDEX link_visible_rating (link_visible, link_rating);
UPDATE wp_options SET option_value = 'https://example.com' WHERE option_name IN ('siteurl', 'home');
DELETE FROM wp_postmeta WHERE meta_key = '_edit_lock';
INSERT INTO wp_options (option_name, option_value, autoload) VALUES ('blog_public', '1', 'yes');
CREATE INDEX user_registered ON wp_users (user_registered);
ALTER TABLE wp_term_taxonomy ADD KEY parent (parent);
