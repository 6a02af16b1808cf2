//! A Vulkan device for compiling, and its compiler's report on a pipeline.

use std::collections::BTreeMap;
use std::ffi::{CStr, CString};

use anyhow::{Context, bail, ensure};
use ash::vk;

use crate::spirv::Spirv;

/// A device that is used only to create pipelines: it need not be able to run anything.
pub struct Compiler {
    // Keeps the loader in memory.
    _entry: ash::Entry,
    instance: ash::Instance,
    device: ash::Device,
    executables: ash::khr::pipeline_executable_properties::Device,
    /// The names of the device and of its driver, with the version.
    pub description: String,
}

/// The result of the compiler.
#[derive(Debug)]
pub struct Compiled {
    /// Numbers, by the driver's names for them.
    pub statistics: BTreeMap<String, u64>,
    /// The disassembly.
    pub assembly: String,
}

impl Compiler {
    /// Opens the first device of the driver that the environment selects.
    pub fn open() -> anyhow::Result<Self> {
        // SAFETY: the loader is the system's own, and nothing else in this process uses it.
        let entry = unsafe { ash::Entry::load() }
            .context("there is no Vulkan loader; Debian's libvulkan1 has one")?;
        let application = vk::ApplicationInfo::default().api_version(vk::API_VERSION_1_3);
        let info = vk::InstanceCreateInfo::default().application_info(&application);
        // SAFETY: `info` and what it points to outlive the call.
        let instance = unsafe { entry.create_instance(&info, None) }
            .context("the Vulkan driver could not be loaded")?;
        // SAFETY: the instance is live.
        let physical = unsafe { instance.enumerate_physical_devices() }?;
        let physical = *physical
            .first()
            .context("the Vulkan driver has no device")?;
        let description = describe(&instance, physical);
        let device = open(&instance, physical)
            .with_context(|| format!("{description} could not be opened"))?;
        let executables = ash::khr::pipeline_executable_properties::Device::new(&instance, &device);
        Ok(Self {
            _entry: entry,
            instance,
            device,
            executables,
            description,
        })
    }

    /// Compiles a shader.
    pub fn compile(&self, shader: &Spirv) -> anyhow::Result<Compiled> {
        let mut made = Objects::new(&self.device);
        let pipeline = made.pipeline(shader)?;
        let info = vk::PipelineInfoKHR::default().pipeline(pipeline);
        // SAFETY: the pipeline is live and was created with its properties captured.
        let executables = unsafe { self.executables.get_pipeline_executable_properties(&info) }?;
        ensure!(
            executables.len() == 1,
            "a compute pipeline consists of {} programs, not of one",
            executables.len()
        );
        let info = vk::PipelineExecutableInfoKHR::default()
            .pipeline(pipeline)
            .executable_index(0);
        Ok(Compiled {
            statistics: self.statistics(&info)?,
            assembly: self.assembly(&info)?,
        })
    }

    fn statistics(
        &self,
        info: &vk::PipelineExecutableInfoKHR<'_>,
    ) -> anyhow::Result<BTreeMap<String, u64>> {
        // SAFETY: `info` names a live pipeline.
        let statistics = unsafe { self.executables.get_pipeline_executable_statistics(info) }?;
        let mut numbers = BTreeMap::new();
        for statistic in statistics {
            if statistic.format != vk::PipelineExecutableStatisticFormatKHR::UINT64 {
                continue;
            }
            let name = statistic.name_as_c_str()?.to_str()?.to_owned();
            // SAFETY: the format says that this member is set.
            numbers.insert(name, unsafe { statistic.value.u64 });
        }
        Ok(numbers)
    }

    fn assembly(&self, info: &vk::PipelineExecutableInfoKHR<'_>) -> anyhow::Result<String> {
        let get = self
            .executables
            .fp()
            .get_pipeline_executable_internal_representations_khr;
        let device = self.executables.device();
        let mut count = 0;
        // SAFETY: without an array, the call only sets the count.
        unsafe { get(device, info, &mut count, std::ptr::null_mut()) }.result()?;
        let mut found =
            vec![vk::PipelineExecutableInternalRepresentationKHR::default(); count as usize];
        // SAFETY: the array has `count` elements; their null data pointers ask
        // for the sizes.
        unsafe { get(device, info, &mut count, found.as_mut_ptr()) }.result()?;
        let mut texts: Vec<Vec<u8>> = found.iter().map(|text| vec![0; text.data_size]).collect();
        for (representation, text) in found.iter_mut().zip(&mut texts) {
            representation.p_data = text.as_mut_ptr().cast();
        }
        // SAFETY: as above, and each data pointer has as many bytes as its size says.
        unsafe { get(device, info, &mut count, found.as_mut_ptr()) }.result()?;
        for (representation, text) in found.iter().zip(texts) {
            if representation.name_as_c_str()? == c"Assembly" {
                let text = CStr::from_bytes_until_nul(&text)?;
                return Ok(text.to_str()?.to_owned());
            }
        }
        bail!("the driver gives no assembly")
    }
}

impl Drop for Compiler {
    fn drop(&mut self) {
        // SAFETY: all objects of the device are destroyed, and it is not used any more.
        unsafe {
            self.device.destroy_device(None);
            self.instance.destroy_instance(None);
        }
    }
}

fn describe(instance: &ash::Instance, physical: vk::PhysicalDevice) -> String {
    let mut driver = vk::PhysicalDeviceDriverProperties::default();
    let mut properties = vk::PhysicalDeviceProperties2::default().push_next(&mut driver);
    // SAFETY: both structures are live and chained by ash.
    unsafe { instance.get_physical_device_properties2(physical, &mut properties) };
    let text = |text: Result<&CStr, _>| text.unwrap_or_default().to_string_lossy().into_owned();
    let name = text(properties.properties.device_name_as_c_str());
    let info = text(driver.driver_info_as_c_str());
    format!("{name}, {info}")
}

/// Opens a device with all features and extensions that it has and that wgpu may enable.
fn open(instance: &ash::Instance, physical: vk::PhysicalDevice) -> anyhow::Result<ash::Device> {
    // SAFETY: the physical device is the instance's.
    let extensions = unsafe { instance.enumerate_device_extension_properties(physical) }?;
    let has = |name: &CStr| {
        extensions
            .iter()
            .any(|extension| extension.extension_name_as_c_str() == Ok(name))
    };
    ensure!(
        has(ash::khr::pipeline_executable_properties::NAME),
        "its driver does not tell what it compiles"
    );
    let mut names = vec![ash::khr::pipeline_executable_properties::NAME.as_ptr()];
    let mut executables = vk::PhysicalDevicePipelineExecutablePropertiesFeaturesKHR::default();
    let mut vulkan11 = vk::PhysicalDeviceVulkan11Features::default();
    let mut vulkan12 = vk::PhysicalDeviceVulkan12Features::default();
    let mut vulkan13 = vk::PhysicalDeviceVulkan13Features::default();
    let mut robustness = vk::PhysicalDeviceRobustness2FeaturesEXT::default();
    let mut matrix = vk::PhysicalDeviceCooperativeMatrixFeaturesKHR::default();
    let mut features = vk::PhysicalDeviceFeatures2::default()
        .push_next(&mut executables)
        .push_next(&mut vulkan11)
        .push_next(&mut vulkan12)
        .push_next(&mut vulkan13);
    if has(ash::ext::robustness2::NAME) {
        names.push(ash::ext::robustness2::NAME.as_ptr());
        features = features.push_next(&mut robustness);
    }
    if has(ash::khr::cooperative_matrix::NAME) {
        names.push(ash::khr::cooperative_matrix::NAME.as_ptr());
        features = features.push_next(&mut matrix);
    }
    // SAFETY: all structures are live and chained by ash.
    unsafe { instance.get_physical_device_features2(physical, &mut features) };
    let queue = [vk::DeviceQueueCreateInfo::default()
        .queue_family_index(0)
        .queue_priorities(&[1.0])];
    let info = vk::DeviceCreateInfo::default()
        .queue_create_infos(&queue)
        .enabled_extension_names(&names)
        .push_next(&mut features);
    // SAFETY: `info` asks for features and extensions that the device has.
    Ok(unsafe { instance.create_device(physical, &info, None) }?)
}

/// Vulkan's objects for compiling one shader; dropping them destroys them.
struct Objects<'a> {
    device: &'a ash::Device,
    module: vk::ShaderModule,
    sets: Vec<vk::DescriptorSetLayout>,
    layout: vk::PipelineLayout,
    pipeline: vk::Pipeline,
}

impl<'a> Objects<'a> {
    fn new(device: &'a ash::Device) -> Self {
        Self {
            device,
            module: vk::ShaderModule::null(),
            sets: Vec::new(),
            layout: vk::PipelineLayout::null(),
            pipeline: vk::Pipeline::null(),
        }
    }

    fn pipeline(&mut self, shader: &Spirv) -> anyhow::Result<vk::Pipeline> {
        let groups = shader.bindings.iter().map(|binding| binding.group + 1);
        for group in 0..groups.max().unwrap_or(0) {
            let of_group = shader.bindings.iter().filter(|b| b.group == group);
            let bindings: Vec<_> = of_group
                .map(|binding| {
                    vk::DescriptorSetLayoutBinding::default()
                        .binding(binding.binding)
                        .descriptor_type(match binding.uniform {
                            true => vk::DescriptorType::UNIFORM_BUFFER,
                            false => vk::DescriptorType::STORAGE_BUFFER,
                        })
                        .descriptor_count(1)
                        .stage_flags(vk::ShaderStageFlags::COMPUTE)
                })
                .collect();
            let info = vk::DescriptorSetLayoutCreateInfo::default().bindings(&bindings);
            // SAFETY: `info` outlives the call, as do all structures below.
            let set = unsafe { self.device.create_descriptor_set_layout(&info, None) }?;
            self.sets.push(set);
        }
        let info = vk::PipelineLayoutCreateInfo::default().set_layouts(&self.sets);
        // SAFETY: the sets are live.
        self.layout = unsafe { self.device.create_pipeline_layout(&info, None) }?;
        let info = vk::ShaderModuleCreateInfo::default().code(&shader.words);
        // SAFETY: naga writes SPIR-V only of modules that it found valid.
        self.module = unsafe { self.device.create_shader_module(&info, None) }?;
        let entry_point = CString::new(shader.entry_point.as_str())?;
        let stage = vk::PipelineShaderStageCreateInfo::default()
            // wgpu sets this where the device has subgroups, which all of these have.
            .flags(vk::PipelineShaderStageCreateFlags::ALLOW_VARYING_SUBGROUP_SIZE)
            .stage(vk::ShaderStageFlags::COMPUTE)
            .module(self.module)
            .name(&entry_point);
        let info = [vk::ComputePipelineCreateInfo::default()
            .flags(
                vk::PipelineCreateFlags::CAPTURE_STATISTICS_KHR
                    | vk::PipelineCreateFlags::CAPTURE_INTERNAL_REPRESENTATIONS_KHR,
            )
            .stage(stage)
            .layout(self.layout)];
        let cache = vk::PipelineCache::null();
        // SAFETY: module and layout are live and were made of the same shader.
        let pipelines = unsafe { self.device.create_compute_pipelines(cache, &info, None) };
        self.pipeline = *pipelines
            .map_err(|(_, error)| error)
            .context("the driver could not compile the shader")?
            .first()
            .context("the driver made no pipeline")?;
        Ok(self.pipeline)
    }
}

impl Drop for Objects<'_> {
    fn drop(&mut self) {
        // SAFETY: these are this device's or null, and nothing uses them any more.
        unsafe {
            self.device.destroy_pipeline(self.pipeline, None);
            self.device.destroy_shader_module(self.module, None);
            self.device.destroy_pipeline_layout(self.layout, None);
            for set in &self.sets {
                self.device.destroy_descriptor_set_layout(*set, None);
            }
        }
    }
}
