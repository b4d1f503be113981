-- A wiki, in the manner of mediawiki.
-- migration: tables
CREATE TABLE wiki_user (
  user_id INT UNSIGNED AUTO_INCREMENT NOT NULL,
  user_name VARBINARY(255) DEFAULT '' NOT NULL,
  user_real_name VARBINARY(255) DEFAULT '' NOT NULL,
  user_password TINYBLOB NOT NULL,
  user_email TINYTEXT NOT NULL,
  user_touched BINARY(14) NOT NULL,
  user_token BINARY(32) NOT NULL,
  user_registration BINARY(14) DEFAULT NULL,
  user_editcount INT UNSIGNED DEFAULT NULL,
  UNIQUE INDEX user_name (user_name),
  INDEX user_email (user_email(50)),
  PRIMARY KEY(user_id)
) ENGINE=InnoDB, DEFAULT CHARSET=binary;
CREATE TABLE page (
  page_id INT UNSIGNED AUTO_INCREMENT NOT NULL,
  page_namespace INT NOT NULL,
  page_title VARBINARY(255) NOT NULL,
  page_is_redirect TINYINT UNSIGNED DEFAULT 0 NOT NULL,
  page_random DOUBLE PRECISION NOT NULL,
  page_touched BINARY(14) NOT NULL,
  page_latest INT UNSIGNED NOT NULL,
  page_len INT UNSIGNED NOT NULL,
  UNIQUE INDEX page_name_title (page_namespace, page_title),
  INDEX page_random (page_random),
  INDEX page_len (page_len),
  PRIMARY KEY(page_id)
) ENGINE=InnoDB, DEFAULT CHARSET=binary;
CREATE TABLE revision (
  rev_id BIGINT UNSIGNED AUTO_INCREMENT NOT NULL,
  rev_page INT UNSIGNED NOT NULL,
  rev_comment_id BIGINT UNSIGNED DEFAULT 0 NOT NULL,
  rev_actor BIGINT UNSIGNED DEFAULT 0 NOT NULL,
  rev_timestamp BINARY(14) NOT NULL,
  rev_minor_edit TINYINT UNSIGNED DEFAULT 0 NOT NULL,
  rev_len INT UNSIGNED DEFAULT NULL,
  rev_sha1 VARBINARY(32) DEFAULT '' NOT NULL,
  INDEX rev_timestamp (rev_timestamp),
  INDEX rev_page_timestamp (rev_page, rev_timestamp),
  INDEX rev_actor_timestamp (rev_actor, rev_timestamp, rev_id),
  PRIMARY KEY(rev_id)
) ENGINE=InnoDB, DEFAULT CHARSET=binary MAX_ROWS=10000000 AVG_ROW_LENGTH=1024;
CREATE TABLE wiki_text (old_id INT UNSIGNED AUTO_INCREMENT NOT NULL, old_text MEDIUMBLOB NOT NULL, old_flags TINYBLOB NOT NULL, PRIMARY KEY(old_id)) ENGINE=InnoDB, DEFAULT CHARSET=binary;
CREATE TABLE pagelinks (pl_from INT UNSIGNED DEFAULT 0 NOT NULL, pl_namespace INT DEFAULT 0 NOT NULL, pl_title VARBINARY(255) DEFAULT '' NOT NULL, INDEX pl_namespace (pl_namespace, pl_title, pl_from), PRIMARY KEY(pl_from, pl_namespace, pl_title)) ENGINE=InnoDB, DEFAULT CHARSET=binary;
CREATE TABLE categorylinks (cl_from INT UNSIGNED DEFAULT 0 NOT NULL, cl_to VARBINARY(255) DEFAULT '' NOT NULL, cl_sortkey VARBINARY(230) DEFAULT '' NOT NULL, cl_timestamp TIMESTAMP NOT NULL, cl_type ENUM('page', 'subcat', 'file') DEFAULT 'page' NOT NULL, INDEX cl_sortkey (cl_to, cl_type, cl_sortkey, cl_from), PRIMARY KEY(cl_from, cl_to)) ENGINE=InnoDB, DEFAULT CHARSET=binary;
CREATE TABLE watchlist (wl_id INT UNSIGNED AUTO_INCREMENT NOT NULL, wl_user INT UNSIGNED NOT NULL, wl_namespace INT DEFAULT 0 NOT NULL, wl_title VARBINARY(255) DEFAULT '' NOT NULL, wl_notificationtimestamp BINARY(14) DEFAULT NULL, UNIQUE INDEX wl_user (wl_user, wl_namespace, wl_title), INDEX wl_user_notificationtimestamp (wl_user, wl_notificationtimestamp), PRIMARY KEY(wl_id)) ENGINE=InnoDB, DEFAULT CHARSET=binary;
CREATE TABLE job (job_id INT UNSIGNED AUTO_INCREMENT NOT NULL, job_cmd VARBINARY(60) DEFAULT '' NOT NULL, job_namespace INT NOT NULL, job_title VARBINARY(255) NOT NULL, job_timestamp BINARY(14) DEFAULT NULL, job_params MEDIUMBLOB NOT NULL, job_attempts INT UNSIGNED DEFAULT 0 NOT NULL, INDEX job_cmd (job_cmd, job_namespace, job_title), PRIMARY KEY(job_id)) ENGINE=InnoDB, DEFAULT CHARSET=binary;
CREATE TABLE interwiki (iw_prefix VARBINARY(32) NOT NULL, iw_url BLOB NOT NULL, iw_local TINYINT(1) NOT NULL, iw_trans TINYINT DEFAULT 0 NOT NULL, PRIMARY KEY(iw_prefix)) ENGINE=InnoDB, DEFAULT CHARSET=binary;
CREATE TABLE site_stats (ss_row_id INT UNSIGNED NOT NULL, ss_total_edits BIGINT UNSIGNED DEFAULT NULL, ss_good_articles BIGINT UNSIGNED DEFAULT NULL, ss_users BIGINT UNSIGNED DEFAULT NULL, PRIMARY KEY(ss_row_id)) ENGINE=InnoDB, DEFAULT CHARSET=binary;
CREATE TABLE change_tag (ct_id INT UNSIGNED AUTO_INCREMENT NOT NULL, ct_rev_id BIGINT UNSIGNED DEFAULT NULL, ct_params BLOB DEFAULT NULL, ct_tag_id INT UNSIGNED NOT NULL, UNIQUE INDEX ct_rev_tag_id (ct_rev_id, ct_tag_id), INDEX ct_tag_id_id (ct_tag_id, ct_rev_id), PRIMARY KEY(ct_id)) ENGINE=InnoDB, DEFAULT CHARSET=binary;
CREATE TABLE objectcache (keyname VARBINARY(255) NOT NULL DEFAULT '' PRIMARY KEY, value MEDIUMBLOB, exptime BINARY(14) NOT NULL, KEY exptime (exptime)) ENGINE=InnoDB DEFAULT CHARSET=binary;
-- migration: upgrade
ALTER TABLE page ADD page_content_model VARBINARY(32) DEFAULT NULL;
ALTER TABLE page ADD page_lang VARBINARY(35) DEFAULT NULL;
ALTER TABLE revision ADD rev_parent_id BIGINT UNSIGNED DEFAULT NULL;
ALTER TABLE wiki_user ADD user_is_temp TINYINT(1) DEFAULT 0 NOT NULL;
-- useful: BLOCKING_COPY
ALTER TABLE watchlist CHANGE wl_id wl_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT;
ALTER TABLE job ADD job_token VARBINARY(32) DEFAULT '' NOT NULL, ADD job_token_timestamp BINARY(14) DEFAULT NULL;
CREATE INDEX job_timestamp ON job (job_timestamp);
ALTER TABLE interwiki ADD iw_api BLOB NULL;
DELETE FROM objectcache WHERE keyname = 'wiki:messages:de';
INSERT INTO interwiki (iw_prefix, iw_url, iw_local) VALUES ('doc', 'https://doc.example.org/$1', 0);
