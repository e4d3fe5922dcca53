-- An entry of a bank's books is named by its reference and its direction: both sides of one booking, or a payment and
-- its reversal, may share a reference. What was of kind 'entry' is of kind 'credit' or 'debit', as its event says.
ALTER TABLE escrow.unique_keys DISABLE TRIGGER unique_keys_append_only;
UPDATE escrow.unique_keys u
   SET kind = CASE WHEN e.topic IN ('account.payout_settled', 'account.suspense_returned',
                                    'account.unexplained_debit_recorded', 'account.refund_paid',
                                    'account.advance_paid', 'account.transfer_settled')
                   THEN 'debit' ELSE 'credit' END
  FROM escrow.events e
 WHERE u.kind = 'entry' AND e.partition = u.partition AND e.position = u.position;
ALTER TABLE escrow.unique_keys ENABLE TRIGGER unique_keys_append_only;
COMMENT ON COLUMN escrow.unique_keys.kind IS
    'credit, debit: an entry of a bank (bank/reference). account: an account number (bank/number). statement, message.';
