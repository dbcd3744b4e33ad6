-- A journal of schema version 3, as the Penstock that wrote version 3 left it: version 2's, whose lane in production was
-- released since, with the audit entry of that and one that is about no promotion. Pages without checksums. Never edited.
PRAGMA journal_mode = WAL;
PRAGMA application_id = 1349407595;
PRAGMA user_version = 3;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE audit (
  n INTEGER PRIMARY KEY,
  promotion TEXT NOT NULL,
  entry TEXT NOT NULL CHECK (entry <> '')
) STRICT;
INSERT INTO "audit" VALUES(1,'prm_00000000000000000000000004','{"at":"2023-11-15T00:51:40.000Z","daemon":"d1","kind":"override","up":9500000,"v":1,"what":"pin_released","who":"ann"}');
INSERT INTO "audit" VALUES(2,'','{"at":"2023-11-15T01:00:00.000Z","daemon":"d1","kind":"configuration","up":10000000,"v":1,"what":"stopped"}');
CREATE TABLE candidates (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE CHECK (length(id) = 64),
  model TEXT NOT NULL CHECK (model <> ''),
  version TEXT NOT NULL,
  submitter TEXT NOT NULL,
  "trigger" TEXT NOT NULL,
  seen_at INTEGER NOT NULL,
  document TEXT NOT NULL
) STRICT;
INSERT INTO "candidates" VALUES(1,'4f1076186bb659284cb2922a083cc2c29a34d8cef6ab09d0b6493843b2fa6ae6','fraud','1','ada','api',1700000420000,'{"labels":{"owner":"ada"},"model":"fraud","version":"1"}');
INSERT INTO "candidates" VALUES(2,'5c5e5f43930963c34e60b62100e0a660c9faa2e3891d24c011537eef90218ec6','fraud','2','ada','api',1700001260000,'{"labels":{"owner":"ada"},"model":"fraud","version":"2"}');
INSERT INTO "candidates" VALUES(3,'3befbaf777a0a8028aa8819d5cbd9298f99395acd1adc720210cfc82b7e20d08','spam','9','ada','api',1700004200000,'{"labels":{"owner":"ada"},"model":"spam","version":"9"}');
INSERT INTO "candidates" VALUES(4,'a76eb58cad57bdd155f60ce3e62013953cb52db5cacf626e7660c7003fdb824d','spam','10','ada','api',1700005040000,'{"labels":{"owner":"ada"},"model":"spam","version":"10"}');
CREATE TABLE cursors (
  source TEXT NOT NULL PRIMARY KEY,
  cursor TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "cursors" VALUES('registry','42');
CREATE TABLE events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  model TEXT NOT NULL,
  environment TEXT NOT NULL,
  promotion TEXT NOT NULL,
  name TEXT NOT NULL CHECK (name <> ''),
  document TEXT NOT NULL
) STRICT;
INSERT INTO "events" VALUES(1,1700000420000,'fraud','staging','prm_00000000000000000000000001','candidate_seen','{"authors":[],"candidate":"sha256:4f1076186bb659284cb2922a083cc2c29a34d8cef6ab09d0b6493843b2fa6ae6","event":"candidate_seen","phase":"checking","policy":"fraud-staging","policy_digest":"sha256:e8dc1feb1d2c7fd454943245ede626c9ee9c5df4105fe6f002eabdc1e299f79a","promotion":"prm_00000000000000000000000001","submitter":"ada","trigger":"api","version":"1"}');
INSERT INTO "events" VALUES(2,1700000840000,'fraud','staging','prm_00000000000000000000000001','check_reported','{"attempt":1,"event":"check_reported","finding":{"at":"2023-11-14T22:20:20.000Z","observed":"nothing is missing","verdict":"passed"},"gate":"fields","phase":"live","promotion":"prm_00000000000000000000000001"}');
INSERT INTO "events" VALUES(3,1700001260000,'fraud','staging','prm_00000000000000000000000002','candidate_seen','{"authors":[],"candidate":"sha256:5c5e5f43930963c34e60b62100e0a660c9faa2e3891d24c011537eef90218ec6","event":"candidate_seen","phase":"checking","policy":"fraud-staging","policy_digest":"sha256:e8dc1feb1d2c7fd454943245ede626c9ee9c5df4105fe6f002eabdc1e299f79a","promotion":"prm_00000000000000000000000002","submitter":"ada","trigger":"api","version":"2"}');
INSERT INTO "events" VALUES(4,1700001680000,'fraud','staging','prm_00000000000000000000000002','check_reported','{"attempt":1,"event":"check_reported","finding":{"at":"2023-11-14T22:34:20.000Z","observed":"nothing is missing","verdict":"passed"},"gate":"fields","phase":"live","promotion":"prm_00000000000000000000000002"}');
INSERT INTO "events" VALUES(5,1700001680000,'fraud','staging','prm_00000000000000000000000001','phase_changed','{"because_of":"prm_00000000000000000000000002","event":"phase_changed","phase":"replaced","promotion":"prm_00000000000000000000000001"}');
INSERT INTO "events" VALUES(6,1700002100000,'fraud','production','prm_00000000000000000000000003','candidate_seen','{"authors":[],"candidate":"sha256:4f1076186bb659284cb2922a083cc2c29a34d8cef6ab09d0b6493843b2fa6ae6","event":"candidate_seen","phase":"checking","policy":"fraud-production","policy_digest":"sha256:894e44c05e09dc4ce6e6b054887a0fe8100a5e53b316d1ef62bd9649748ff715","promotion":"prm_00000000000000000000000003","submitter":"ada","trigger":"api","version":"1"}');
INSERT INTO "events" VALUES(7,1700002520000,'fraud','production','prm_00000000000000000000000003','check_reported','{"attempt":1,"event":"check_reported","finding":{"at":"2023-11-14T22:48:20.000Z","observed":"nothing is missing","verdict":"passed"},"gate":"fields","phase":"awaiting_approval","promotion":"prm_00000000000000000000000003"}');
INSERT INTO "events" VALUES(8,1700002940000,'fraud','production','prm_00000000000000000000000003','approval_given','{"candidate":"sha256:4f1076186bb659284cb2922a083cc2c29a34d8cef6ab09d0b6493843b2fa6ae6","event":"approval_given","groups":["release-managers"],"note":"seen","person":"ann","phase":"live","policy_digest":"sha256:894e44c05e09dc4ce6e6b054887a0fe8100a5e53b316d1ef62bd9649748ff715","promotion":"prm_00000000000000000000000003"}');
INSERT INTO "events" VALUES(9,1700003360000,'fraud','production','prm_00000000000000000000000004','candidate_seen','{"authors":[],"candidate":"sha256:5c5e5f43930963c34e60b62100e0a660c9faa2e3891d24c011537eef90218ec6","event":"candidate_seen","phase":"checking","policy":"fraud-production","policy_digest":"sha256:894e44c05e09dc4ce6e6b054887a0fe8100a5e53b316d1ef62bd9649748ff715","promotion":"prm_00000000000000000000000004","submitter":"ada","trigger":"api","version":"2"}');
INSERT INTO "events" VALUES(10,1700003780000,'fraud','production','prm_00000000000000000000000004','check_reported','{"attempt":1,"event":"check_reported","finding":{"at":"2023-11-14T23:09:20.000Z","observed":"nothing is missing","verdict":"passed"},"gate":"fields","phase":"awaiting_approval","promotion":"prm_00000000000000000000000004"}');
INSERT INTO "events" VALUES(11,1700004200000,'spam','production','prm_00000000000000000000000005','candidate_seen','{"authors":[],"candidate":"sha256:3befbaf777a0a8028aa8819d5cbd9298f99395acd1adc720210cfc82b7e20d08","event":"candidate_seen","phase":"checking","policy":"fraud-production","policy_digest":"sha256:894e44c05e09dc4ce6e6b054887a0fe8100a5e53b316d1ef62bd9649748ff715","promotion":"prm_00000000000000000000000005","submitter":"ada","trigger":"api","version":"9"}');
INSERT INTO "events" VALUES(12,1700004620000,'spam','production','prm_00000000000000000000000005','rejection_given','{"candidate":"sha256:3befbaf777a0a8028aa8819d5cbd9298f99395acd1adc720210cfc82b7e20d08","event":"rejection_given","groups":["release-managers"],"person":"ann","phase":"rejected","policy_digest":"sha256:894e44c05e09dc4ce6e6b054887a0fe8100a5e53b316d1ef62bd9649748ff715","promotion":"prm_00000000000000000000000005","reason":"not now"}');
INSERT INTO "events" VALUES(13,1700005040000,'spam','production','prm_00000000000000000000000006','candidate_seen','{"authors":[],"candidate":"sha256:a76eb58cad57bdd155f60ce3e62013953cb52db5cacf626e7660c7003fdb824d","event":"candidate_seen","phase":"checking","policy":"fraud-production","policy_digest":"sha256:894e44c05e09dc4ce6e6b054887a0fe8100a5e53b316d1ef62bd9649748ff715","promotion":"prm_00000000000000000000000006","submitter":"ada","trigger":"api","version":"10"}');
INSERT INTO "events" VALUES(14,1700009000000,'fraud','production','prm_00000000000000000000000004','delivery_confirmed','{"a":1}');
INSERT INTO "events" VALUES(15,1700009500000,'fraud','production','prm_00000000000000000000000004','pin_released','{"a":1}');
CREATE TABLE lane_states (
  model TEXT NOT NULL,
  environment TEXT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (model, environment),
  FOREIGN KEY (model, environment) REFERENCES lanes (model, environment)
) STRICT, WITHOUT ROWID;
INSERT INTO "lane_states" VALUES('fraud','production','{}');
CREATE TABLE lanes (
  model TEXT NOT NULL CHECK (model <> ''),
  environment TEXT NOT NULL CHECK (environment <> ''),
  version INTEGER NOT NULL CHECK (version > 0),
  PRIMARY KEY (model, environment)
) STRICT, WITHOUT ROWID;
INSERT INTO "lanes" VALUES('fraud','production',7);
INSERT INTO "lanes" VALUES('fraud','staging',4);
INSERT INTO "lanes" VALUES('spam','production',3);
CREATE TABLE live_spans (
  n INTEGER PRIMARY KEY,  -- the order in which they began
  model TEXT NOT NULL,
  environment TEXT NOT NULL,
  promotion TEXT NOT NULL REFERENCES promotions (id),
  since INTEGER NOT NULL,
  until INTEGER CHECK (until >= since),
  FOREIGN KEY (model, environment) REFERENCES lanes (model, environment)
) STRICT;
INSERT INTO "live_spans" VALUES(1,'fraud','staging','prm_00000000000000000000000002',1700001680000,NULL);
INSERT INTO "live_spans" VALUES(2,'fraud','production','prm_00000000000000000000000003',1700002940000,1700009000000);
INSERT INTO "live_spans" VALUES(3,'fraud','production','prm_00000000000000000000000004',1700009000000,NULL);
CREATE TABLE outbox (
  key TEXT NOT NULL PRIMARY KEY CHECK (key <> ''),
  kind TEXT NOT NULL CHECK (kind <> ''),
  model TEXT NOT NULL,
  environment TEXT NOT NULL,
  promotion TEXT NOT NULL,
  due INTEGER NOT NULL,
  leased_until INTEGER CHECK (leased_until > due),
  tries INTEGER NOT NULL CHECK (tries >= 0),
  document TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "outbox" VALUES('check/prm_00000000000000000000000006/fields/1','check','spam','production','prm_00000000000000000000000006',1700005040000,NULL,1,'{"attempt":1,"command":"check","deadline":1700005640000,"due":1700005040000,"gate":"fields","promotion":"prm_00000000000000000000000006"}');
INSERT INTO "outbox" VALUES('timer/prm_00000000000000000000000004/approval','timer','fraud','production','prm_00000000000000000000000004',1700262980000,NULL,0,'{"command":"timer","due":1700262980000,"promotion":"prm_00000000000000000000000004","timer":"approval"}');
CREATE TABLE policies (
  n INTEGER PRIMARY KEY,
  digest TEXT NOT NULL UNIQUE CHECK (length(digest) = 64),
  document TEXT NOT NULL
) STRICT;
INSERT INTO "policies" VALUES(1,'e8dc1feb1d2c7fd454943245ede626c9ee9c5df4105fe6f002eabdc1e299f79a','{"approvals":[],"deliver":[],"environment":"staging","hold_for":"7d","model":"*","name":"fraud-staging","queue":"queue","queue_for":"30d","stages":[{"gates":[{"attempts":1,"blocking":true,"deadline":"10m","kind":"candidate-fields","name":"fields","with":{}}],"name":"fields"}]}');
INSERT INTO "policies" VALUES(2,'894e44c05e09dc4ce6e6b054887a0fe8100a5e53b316d1ef62bd9649748ff715','{"approvals":[{"count":1,"expires":"3d","group":"release-managers","not":["submitter","author"]}],"deliver":[],"environment":"production","hold_for":"7d","model":"*","name":"fraud-production","queue":"queue","queue_for":"30d","stages":[{"gates":[{"attempts":1,"blocking":true,"deadline":"10m","kind":"candidate-fields","name":"fields","with":{}}],"name":"fields"}]}');
CREATE TABLE promotions (
  n INTEGER PRIMARY KEY,  -- the order in which they were opened
  id TEXT NOT NULL UNIQUE CHECK (id <> ''),
  model TEXT NOT NULL,
  environment TEXT NOT NULL,
  candidate TEXT NOT NULL REFERENCES candidates (id),
  version TEXT NOT NULL,
  phase TEXT NOT NULL CHECK (phase <> ''),
  ended INTEGER NOT NULL CHECK (ended IN (0, 1)),
  opened_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  document TEXT NOT NULL,
  FOREIGN KEY (model, environment) REFERENCES lanes (model, environment)
) STRICT;
INSERT INTO "promotions" VALUES(1,'prm_00000000000000000000000001','fraud','staging','4f1076186bb659284cb2922a083cc2c29a34d8cef6ab09d0b6493843b2fa6ae6','1','replaced',1,1700000420000,1700001680000,'{"candidate":"sha256:4f1076186bb659284cb2922a083cc2c29a34d8cef6ab09d0b6493843b2fa6ae6","changed_at":1700001680000,"checks":[{"asked_at":1700000420000,"attempt":1,"deadline":1700001020000,"finding":{"at":"2023-11-14T22:20:20.000Z","observed":"nothing is missing","verdict":"passed"},"gate":"fields","stage":"fields"}],"environment":"staging","id":"prm_00000000000000000000000001","in_phase":{"by":"prm_00000000000000000000000002"},"model":"fraud","opened_at":1700000420000,"phase":"replaced","policy":"sha256:e8dc1feb1d2c7fd454943245ede626c9ee9c5df4105fe6f002eabdc1e299f79a","submitter":"ada","trigger":"api","version":"1"}');
INSERT INTO "promotions" VALUES(2,'prm_00000000000000000000000002','fraud','staging','5c5e5f43930963c34e60b62100e0a660c9faa2e3891d24c011537eef90218ec6','2','live',0,1700001260000,1700001680000,'{"candidate":"sha256:5c5e5f43930963c34e60b62100e0a660c9faa2e3891d24c011537eef90218ec6","changed_at":1700001680000,"checks":[{"asked_at":1700001260000,"attempt":1,"deadline":1700001860000,"finding":{"at":"2023-11-14T22:34:20.000Z","observed":"nothing is missing","verdict":"passed"},"gate":"fields","stage":"fields"}],"environment":"staging","id":"prm_00000000000000000000000002","in_phase":{"since":1700001680000},"model":"fraud","opened_at":1700001260000,"phase":"live","policy":"sha256:e8dc1feb1d2c7fd454943245ede626c9ee9c5df4105fe6f002eabdc1e299f79a","submitter":"ada","trigger":"api","version":"2"}');
INSERT INTO "promotions" VALUES(3,'prm_00000000000000000000000003','fraud','production','4f1076186bb659284cb2922a083cc2c29a34d8cef6ab09d0b6493843b2fa6ae6','1','replaced',1,1700002100000,1700009000000,'{"approvals":[{"at":1700002940000,"groups":["release-managers"],"note":"seen","person":"ann"}],"candidate":"sha256:4f1076186bb659284cb2922a083cc2c29a34d8cef6ab09d0b6493843b2fa6ae6","changed_at":1700002940000,"checks":[{"asked_at":1700002100000,"attempt":1,"deadline":1700002700000,"finding":{"at":"2023-11-14T22:48:20.000Z","observed":"nothing is missing","verdict":"passed"},"gate":"fields","stage":"fields"}],"environment":"production","id":"prm_00000000000000000000000003","in_phase":{"since":1700002940000},"model":"fraud","opened_at":1700002100000,"phase":"live","policy":"sha256:894e44c05e09dc4ce6e6b054887a0fe8100a5e53b316d1ef62bd9649748ff715","submitter":"ada","trigger":"api","version":"1"}');
INSERT INTO "promotions" VALUES(4,'prm_00000000000000000000000004','fraud','production','5c5e5f43930963c34e60b62100e0a660c9faa2e3891d24c011537eef90218ec6','2','live',0,1700003360000,1700009000000,'{"candidate":"sha256:5c5e5f43930963c34e60b62100e0a660c9faa2e3891d24c011537eef90218ec6","changed_at":1700003780000,"checks":[{"asked_at":1700003360000,"attempt":1,"deadline":1700003960000,"finding":{"at":"2023-11-14T23:09:20.000Z","observed":"nothing is missing","verdict":"passed"},"gate":"fields","stage":"fields"}],"environment":"production","id":"prm_00000000000000000000000004","in_phase":{"since":1700003780000},"model":"fraud","opened_at":1700003360000,"phase":"awaiting_approval","policy":"sha256:894e44c05e09dc4ce6e6b054887a0fe8100a5e53b316d1ef62bd9649748ff715","submitter":"ada","trigger":"api","version":"2"}');
INSERT INTO "promotions" VALUES(5,'prm_00000000000000000000000005','spam','production','3befbaf777a0a8028aa8819d5cbd9298f99395acd1adc720210cfc82b7e20d08','9','rejected',1,1700004200000,1700004620000,'{"candidate":"sha256:3befbaf777a0a8028aa8819d5cbd9298f99395acd1adc720210cfc82b7e20d08","changed_at":1700004620000,"checks":[{"asked_at":1700004200000,"attempt":1,"deadline":1700004800000,"gate":"fields","stage":"fields"}],"environment":"production","id":"prm_00000000000000000000000005","in_phase":{"by":"ann","reason":"not now"},"model":"spam","opened_at":1700004200000,"phase":"rejected","policy":"sha256:894e44c05e09dc4ce6e6b054887a0fe8100a5e53b316d1ef62bd9649748ff715","submitter":"ada","trigger":"api","version":"9"}');
INSERT INTO "promotions" VALUES(6,'prm_00000000000000000000000006','spam','production','a76eb58cad57bdd155f60ce3e62013953cb52db5cacf626e7660c7003fdb824d','10','checking',0,1700005040000,1700005040000,'{"candidate":"sha256:a76eb58cad57bdd155f60ce3e62013953cb52db5cacf626e7660c7003fdb824d","changed_at":1700005040000,"checks":[{"asked_at":1700005040000,"attempt":1,"deadline":1700005640000,"gate":"fields","stage":"fields"}],"environment":"production","id":"prm_00000000000000000000000006","in_phase":{"stage":0},"model":"spam","opened_at":1700005040000,"phase":"checking","policy":"sha256:894e44c05e09dc4ce6e6b054887a0fe8100a5e53b316d1ef62bd9649748ff715","submitter":"ada","trigger":"api","version":"10"}');
CREATE TABLE remembered (
  key TEXT NOT NULL PRIMARY KEY CHECK (key <> ''),
  until INTEGER NOT NULL,
  answer TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "remembered" VALUES('key-1',1700091440000,'{"promotion":"prm_00000000000000000000000003"}');
CREATE INDEX candidates_by_time ON candidates (seen_at, id, version);
CREATE INDEX candidates_by_model ON candidates (model, seen_at, id, version);
CREATE INDEX promotions_open_by_lane ON promotions (model, environment) WHERE ended = 0;
CREATE INDEX promotions_open ON promotions (id) WHERE ended = 0;
CREATE INDEX promotions_by_model ON promotions (model, id, environment);
CREATE INDEX promotions_by_environment ON promotions (environment, id);
CREATE INDEX promotions_by_candidate ON promotions (candidate, id);
CREATE INDEX promotions_by_version ON promotions (version, id, model, environment);
CREATE INDEX promotions_by_phase ON promotions (phase, id, model, environment);
CREATE INDEX events_by_promotion ON events (promotion);
CREATE INDEX outbox_free ON outbox (due) WHERE leased_until IS NULL;
CREATE INDEX outbox_leased ON outbox (leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX outbox_by_promotion ON outbox (promotion);
CREATE INDEX remembered_by_time ON remembered (until);
CREATE INDEX live_spans_by_lane ON live_spans (model, environment, n);
CREATE UNIQUE INDEX live_spans_open ON live_spans (model, environment) WHERE until IS NULL;
CREATE INDEX audit_by_promotion ON audit (promotion) WHERE promotion <> '';
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('events',15);
COMMIT;
