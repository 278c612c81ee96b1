//! The question, asked by a process of its own.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use plumbline_reachability::Graph;
use plumbline_snapshot::ec2::Ec2;

use crate::processor::processor;

/// What it took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Asked {
    /// The median of all times, of one processor.
    pub(crate) millis: f64,
    /// The most memory that the process had.
    pub(crate) peak_mb: f64,
    pub(crate) ways: usize,
    /// VPCs that were too large a question.
    pub(crate) refused: usize,
}

impl Asked {
    /// For whoever started this process.
    #[expect(clippy::unnecessary_wraps, reason = "the last of steps that may fail")]
    pub(crate) fn write(self) -> Result<()> {
        println!("{} {} {} {}", self.millis, self.peak_mb, self.ways, self.refused);
        Ok(())
    }

    fn read(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        Some(Asked {
            millis: words.next()?.parse().ok()?,
            peak_mb: words.next()?.parse().ok()?,
            ways: words.next()?.parse().ok()?,
            refused: words.next()?.parse().ok()?,
        })
    }
}

/// Every way in and out of the networks in a file, so often.
pub(crate) fn ask(file: &Path, runs: usize) -> Result<Asked> {
    let ec2: Ec2 = serde_json::from_reader(std::io::BufReader::new(std::fs::File::open(file)?))?;
    let mut asked = Asked::default();
    let mut times = Vec::new();
    for _ in 0..runs {
        (asked.ways, asked.refused) = (0, 0);
        let (started, before) = (Instant::now(), processor());
        let graph = Graph::of(&ec2);
        for vpc in ec2.vpcs.seen() {
            match graph.border(vpc) {
                Ok(border) => asked.ways += border.crossings.len(),
                Err(_) => asked.refused += 1,
            }
        }
        // Others may use the machine meanwhile.
        times.push(match (before, processor()) {
            (Some(before), Some(after)) => after.saturating_sub(before),
            _ => started.elapsed(),
        });
    }
    times.sort_unstable();
    asked.millis = times.get(runs / 2).copied().unwrap_or_default().as_secs_f64() * 1e3;
    asked.peak_mb = peak_mb();
    Ok(asked)
}

/// The same, by this program once more.
pub(crate) fn ask_apart(ec2: &Ec2, runs: usize) -> Result<Asked> {
    let file = std::env::temp_dir().join(format!("plumbline-networks-{}", std::process::id()));
    std::fs::write(&file, serde_json::to_vec(ec2)?)?;
    let done = Command::new(std::env::current_exe()?).arg("--ask").arg(&file).arg(runs.to_string()).output();
    std::fs::remove_file(&file)?;
    let done = done?;
    let text = String::from_utf8_lossy(&done.stdout);
    ensure!(done.status.success(), "asking failed: {}", String::from_utf8_lossy(&done.stderr));
    Asked::read(&text).with_context(|| format!("asking told {text}"))
}

/// The most resident memory of this process so far; 0 where the system does not say.
fn peak_mb() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: f64 = line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default();
    kib * 1024.0 / 1e6
}
