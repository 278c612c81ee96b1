//! What is carried over from run to run: found by its name in the state, left under a new name when it changed.

use plumbline_findings::{State, digest_of_bytes};
use plumbline_snapshot::{Carried, Plan, Snapshot};

use crate::ledger::{Ledger, LedgerError};
use crate::ports::{If, Key, Put, Store};

impl<S: Store> Ledger<'_, S> {
    fn carried_key(&self, name: &str) -> Key {
        Key::of(&[self.account.as_str(), "carried", &format!("{name}.json.zst")])
    }

    /// What the run that left `state` carried over. Whatever is wrong with it only means that everything is read again.
    pub(crate) async fn carried(&self, state: &State) -> Option<Carried<'static>> {
        let key = self.carried_key(state.carried.as_deref()?);
        match self.get(&key).await {
            Ok(Some((body, _))) => match Carried::from_bytes(&body) {
                Ok(carried) => Some(carried),
                Err(error) => {
                    tracing::info!(%error, %key, "what was carried over does not fit: everything is read again");
                    None
                }
            },
            Ok(None) => {
                tracing::info!(%key, "what was carried over is gone: everything is read again");
                None
            }
            Err(error) => {
                tracing::warn!(%error, "what was carried over cannot be read: everything is read again");
                None
            }
        }
    }

    /// Leaves what the next run need not read again; its name. `rest` is what this run took over and had no place for.
    ///
    /// # Errors
    /// [`LedgerError`]: it could not be written.
    pub(crate) async fn leave(
        &self,
        snapshot: &Snapshot,
        plan: &Plan,
        rest: Option<Carried<'_>>,
    ) -> Result<String, LedgerError> {
        let packed = Carried::of(snapshot, plan, rest).to_bytes();
        let key = |name: &str| self.carried_key(name);
        let body = packed.map_err(|error| LedgerError::Pack { key: key("carried"), cause: error.to_string() })?;
        let name = digest_of_bytes(&body);
        // The name says what is in it: whoever was there first wrote the same.
        match self.put(&key(&name), body, If::Absent).await? {
            Put::Done(_) | Put::Lost => Ok(name),
        }
    }

    /// Removes what no state names any more.
    pub(crate) async fn drop_carried(&self, name: &str) {
        self.remove(&self.carried_key(name)).await;
    }

    /// Removes an object that nobody needs; whether it works matters little.
    pub(crate) async fn remove(&self, key: &Key) {
        if let Err(error) = self.store.remove(key).await {
            tracing::info!(%error, %key, "could not be removed");
        }
    }
}
