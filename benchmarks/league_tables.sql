-- Rows of the views as a city of :institutions institutions has them; :buckets and :amounts are the balance's columns.
CREATE TEMP TABLE made_up AS
SELECT n, ('01890000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id FROM generate_series(1, :institutions) n;

INSERT INTO escrow_views.balances (account_id, partition, position, institution_id, bank, account_no, district,
    authorities, pack, rating, listing, frozen, opened_on, :buckets, obligation_fen, exposure_fen,
    loss_if_closed_today_fen, held_fen, minimum_balance_fen, top_up_due_fen, version, updated_position, updated_at)
SELECT id, n % 4, n, 'i-' || n, 'ICBK', 'no-' || n, (330700 + n % 12)::text, ARRAY['education'], 'jinhua', 'A',
       'normal', '{}', DATE '2025-01-01', :amounts, 90000000 + n, 1000, (n % 7) * 100, 0, 0, 0, 100, n, now()
  FROM made_up;

-- A year of months.
INSERT INTO escrow_views.account_months
SELECT id, (DATE '2025-10-01' + m * interval '1 month')::date, n % 4, 5000000 + n, 4000000, 100000, 300, n % 120, 4, 3,
       20 + n % 30, n % 3, 0, 0, 90000000, 1000, 89000000, (n % 7) * 100
  FROM made_up, generate_series(0, 11) m;

-- Six alerts each, two of them open.
INSERT INTO escrow_views.alerts (alert_id, partition, position, ordinal, account_id, rule, severity, source,
    subject_kind, subject_id, raised_on, raised_at, waits_since, figures, message, message_zh, state, acknowledged_by,
    assignee, resolved_by)
SELECT 'a-' || n || '-' || k, n % 4, n * 10 + k, 0, id, 'balance.shortfall',
       CASE WHEN k = 0 THEN 'red' ELSE 'yellow' END, 's', 'account', 'x', DATE '2026-09-01', now(), DATE '2026-09-01',
       '{}', 'm', 'm', CASE WHEN k < 2 THEN 'raised' ELSE 'resolved' END, '', '', ''
  FROM made_up, generate_series(0, 5) k;

-- Twenty refunds each, three of them open and one of those late.
INSERT INTO escrow_views.refunds (account_id, refund_id, partition, position, contract_id, reason, requested_on,
    requested_at, state, final, ground, legal_basis, overdue, provisional, quoted_fen, quote, bases,
    same_service_before, case_id, charged_fen, agreed_fen, in_flight_fen, paid_fen, returns, answer_due_on, steps, legs,
    updated_position, updated_at)
SELECT id, 'r-' || n || '-' || k, n % 4, n * 10 + k, 'c', 'moved', DATE '2026-09-01', now(),
       CASE WHEN k < 3 THEN 'agreed' ELSE 'paid' END, TRUE, 'own', ARRAY[]::text[], k = 0, FALSE, 100, '[]', '[]',
       FALSE, '', 0, 100, 0, CASE WHEN k < 3 THEN 0 ELSE 100 END, 0, DATE '2026-09-08', '[]', '[]', n, now()
  FROM made_up, generate_series(0, 19) k;

-- Thirty days compared with the bank.
INSERT INTO escrow_views.reconciled_days
SELECT id, DATE '2026-09-15' - d, n % 4, n * 100 + d, d + 1, now(),
       CASE WHEN n % 50 = 0 THEN 'broken' ELSE 'reconciled' END, 's', 1, 1, 1, 1, 1, 1, 1, 0
  FROM made_up, generate_series(0, 29) d;

ANALYZE;
