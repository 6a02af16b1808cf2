//! Keeps a device busy: several dispatches in flight, each with a time limit.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::GpuError;
use crate::device::Device;
use crate::dispatch_sizer::DispatchSizer;

/// The largest number of dispatches in flight. With two the device always has the next one;
/// the third covers a host that is late.
pub const DEPTH: usize = 3;

/// Time limit of the first dispatch, which includes compilation by the driver.
pub const FIRST_LIMIT: Duration = Duration::from_secs(50);
/// Time limit of any other dispatch, after which the device counts as hung: two hundred
/// times the intended duration.
pub const LIMIT: Duration = Duration::from_secs(10);

/// A dispatch that is being encoded: its slot, and the encoder and timestamps of its pass.
pub struct Dispatch<'a> {
    /// The number of its slot, below [`DEPTH`].
    pub slot: usize,
    /// The encoder, which has no pass yet.
    pub encoder: &'a mut wgpu::CommandEncoder,
    /// The timestamps to write; `None` without a clock.
    pub timestamps: Option<wgpu::ComputePassTimestampWrites<'a>>,
}

impl Dispatch<'_> {
    /// Begins its only pass.
    pub(crate) fn pass(&mut self, label: &str) -> wgpu::ComputePass<'_> {
        self.encoder
            .begin_compute_pass(&wgpu::ComputePassDescriptor {
                label: Some(label),
                timestamp_writes: self.timestamps.take(),
            })
    }
}

/// Work that is dispatched piece by piece. The state of one dispatch belongs to its slot;
/// there are [`DEPTH`] slots.
pub trait Work {
    /// Encodes one compute pass of about `wanted` pieces, and returns the number of pieces
    /// encoded: at least one.
    ///
    /// # Errors
    /// When the work cannot continue.
    fn encode(&mut self, dispatch: Dispatch<'_>, wanted: u64) -> Result<u64, GpuError>;

    /// The slot's dispatch was submitted; the results can be mapped from here on.
    fn submitted(&mut self, _slot: usize) {}

    /// The slot's dispatch has ended.
    ///
    /// # Errors
    /// When its results cannot be read or make no sense.
    fn completed(&mut self, _slot: usize) -> Result<(), GpuError> {
        Ok(())
    }

    /// All dispatches have ended.
    ///
    /// # Errors
    /// When the device did not run some of them.
    fn finished(&mut self) -> Result<(), GpuError> {
        Ok(())
    }
}

/// The totals of a run of the pump.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Pumped {
    /// Pieces done.
    pub pieces: u64,
    /// Dispatches that were needed.
    pub dispatches: u64,
    /// Wall-clock time from the first submission to the last completion.
    pub wall: Duration,
    /// Time of all passes together by the device's own clock; `None` where there is no such
    /// clock or its readings are inconsistent.
    pub kernel: Option<Duration>,
    /// The longest dispatch by the wall clock, without the first.
    pub longest: Duration,
}

struct Flight {
    slot: usize,
    pieces: u64,
    submitted: Instant,
    submission: wgpu::SubmissionIndex,
}

/// Dispatches `work` until `tell` returns false, then waits for the dispatches in flight.
/// `tell` receives the pieces done so far after each completion.
///
/// # Errors
/// As `tell` and [`Work`], and as [`Device::wait`] when a dispatch does not end
/// within its limit.
pub fn pump<E: From<GpuError>>(
    device: &Device,
    work: &mut dyn Work,
    sizer: &mut DispatchSizer,
    tell: &mut dyn FnMut(u64) -> Result<bool, E>,
) -> Result<Pumped, E> {
    let clock = Timestamps::new(device);
    let mut pumped = Pumped {
        kernel: clock.is_some().then_some(Duration::ZERO),
        ..Pumped::default()
    };
    let mut flights: VecDeque<Flight> = VecDeque::with_capacity(DEPTH);
    let mut free: Vec<usize> = (0..DEPTH).collect();
    let began = Instant::now();
    let mut last_end = began;
    let mut more = true;
    loop {
        while more && let Some(slot) = free.pop() {
            let flight = submit(device, work, sizer.amount(), slot, clock.as_ref())?;
            flights.push_back(flight);
            // Until a dispatch of this size has completed, there is only one at a time.
            if pumped.dispatches == 0 {
                break;
            }
        }
        let Some(flight) = flights.pop_front() else {
            break;
        };
        let limit = if pumped.dispatches == 0 {
            FIRST_LIMIT
        } else {
            LIMIT
        };
        device.wait(flight.submission, limit)?;
        let now = Instant::now();
        work.completed(flight.slot)?;
        let time = now - last_end.max(flight.submitted);
        last_end = now;
        if pumped.dispatches > 0 {
            pumped.longest = pumped.longest.max(time);
            sizer.observe(flight.pieces, time);
        }
        if let (Some(clock), Some(sum)) = (&clock, pumped.kernel) {
            pumped.kernel = clock.read(flight.slot).map(|pass| sum + pass);
        }
        pumped.pieces += flight.pieces;
        pumped.dispatches += 1;
        pumped.wall = now - began;
        free.push(flight.slot);
        more = more && tell(pumped.pieces)?;
    }
    device.check()?;
    work.finished()?;
    Ok(pumped)
}

/// Pieces per second over `time`, measured from the end of the first dispatch, in which
/// drivers compile.
///
/// # Errors
/// As [`pump`].
pub fn rate(
    device: &Device,
    work: &mut dyn Work,
    sizer: &mut DispatchSizer,
    time: Duration,
) -> Result<f64, GpuError> {
    let mut first: Option<(Instant, u64)> = None;
    let mut last = (Instant::now(), 0);
    pump(device, work, sizer, &mut |pieces| {
        last = (Instant::now(), pieces);
        let (since, _) = *first.get_or_insert(last);
        Ok::<_, GpuError>(since.elapsed() < time)
    })?;
    let (since, before) = first.unwrap_or(last);
    Ok((last.1 - before) as f64 / (last.0 - since).as_secs_f64().max(1e-9))
}

fn submit(
    device: &Device,
    work: &mut dyn Work,
    wanted: u64,
    slot: usize,
    clock: Option<&Timestamps>,
) -> Result<Flight, GpuError> {
    let mut encoder = device.device.create_command_encoder(&Default::default());
    let dispatch = Dispatch {
        slot,
        encoder: &mut encoder,
        timestamps: clock.map(|clock| clock.writes(slot)),
    };
    let pieces = work.encode(dispatch, wanted)?;
    if let Some(clock) = clock {
        clock.resolve(slot, &mut encoder);
    }
    let submitted = Instant::now();
    let submission = device.queue.submit([encoder.finish()]);
    work.submitted(slot);
    if let Some(clock) = clock {
        clock.map(slot);
    }
    Ok(Flight {
        slot,
        pieces,
        submitted,
        submission,
    })
}

/// Timestamps by the device's own clock at both ends of each pass.
struct Timestamps {
    set: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    mapped: Vec<wgpu::Buffer>,
    period_ns: f64,
}

const PAIR_BYTES: u64 = 16;

impl Timestamps {
    fn new(device: &Device) -> Option<Self> {
        let gpu = &device.device;
        if !gpu.features().contains(wgpu::Features::TIMESTAMP_QUERY) {
            return None;
        }
        let set = gpu.create_query_set(&wgpu::QuerySetDescriptor {
            label: Some("timestamps"),
            ty: wgpu::QueryType::Timestamp,
            count: 2 * DEPTH as u32,
        });
        let buffer = |size, usage| device.buffer("timestamps", size, usage);
        use wgpu::BufferUsages as Usage;
        Some(Self {
            set,
            resolved: buffer(
                wgpu::QUERY_RESOLVE_BUFFER_ALIGNMENT * DEPTH as u64,
                Usage::QUERY_RESOLVE | Usage::COPY_SRC,
            ),
            mapped: (0..DEPTH)
                .map(|_| buffer(PAIR_BYTES, Usage::MAP_READ | Usage::COPY_DST))
                .collect(),
            period_ns: f64::from(device.queue.get_timestamp_period()),
        })
    }

    fn writes(&self, slot: usize) -> wgpu::ComputePassTimestampWrites<'_> {
        wgpu::ComputePassTimestampWrites {
            query_set: &self.set,
            beginning_of_pass_write_index: Some(2 * slot as u32),
            end_of_pass_write_index: Some(2 * slot as u32 + 1),
        }
    }

    fn resolve(&self, slot: usize, encoder: &mut wgpu::CommandEncoder) {
        let first = 2 * slot as u32;
        let at = wgpu::QUERY_RESOLVE_BUFFER_ALIGNMENT * slot as u64;
        encoder.resolve_query_set(&self.set, first..first + 2, &self.resolved, at);
        encoder.copy_buffer_to_buffer(&self.resolved, at, &self.mapped[slot], 0, PAIR_BYTES);
    }

    fn map(&self, slot: usize) {
        self.mapped[slot]
            .slice(..)
            .map_async(wgpu::MapMode::Read, |_| ());
    }

    /// The duration of the slot's pass. `None` when the clock stood still or ran backwards,
    /// as on drivers that write zeros.
    fn read(&self, slot: usize) -> Option<Duration> {
        let ticks = {
            let view = self.mapped[slot].slice(..).get_mapped_range().ok()?;
            let pair: &[u64] = bytemuck::try_cast_slice(&view).ok()?;
            pair[1].checked_sub(pair[0])
        };
        self.mapped[slot].unmap();
        let ns = ticks.filter(|ticks| *ticks > 0)? as f64 * self.period_ns;
        Duration::try_from_secs_f64(ns * 1e-9).ok()
    }
}
