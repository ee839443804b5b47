"""Whole models of public packages as their users build them: a module, an expression in its scope, inputs of a trace."""

from __future__ import annotations

MODELS: dict[str, list[tuple[str, str, list[str]]]] = {
    "pytorchcv": [
        ("pytorchcv.models.resnet", "resnet18()", ["torch.randn(1, 3, 224, 224)"]),
        ("pytorchcv.models.resnet", "resnetbc26b()", ["torch.randn(1, 3, 224, 224)"]),
        ("pytorchcv.models.preresnet", "preresnet18()", ["torch.randn(1, 3, 224, 224)"]),
        ("pytorchcv.models.resnext", "resnext14_16x4d()", ["torch.randn(1, 3, 224, 224)"]),
        ("pytorchcv.models.seresnet", "seresnet18()", ["torch.randn(1, 3, 224, 224)"]),
        ("pytorchcv.models.densenet", "densenet121()", ["torch.randn(1, 3, 224, 224)"]),
        ("pytorchcv.models.mobilenet", "mobilenet_w1()", ["torch.randn(1, 3, 224, 224)"]),
        ("pytorchcv.models.mobilenetv2", "mobilenetv2_w1()", ["torch.randn(1, 3, 224, 224)"]),
        ("pytorchcv.models.mobilenetv3", "mobilenetv3_large_w1()", ["torch.randn(1, 3, 224, 224)"]),
        ("pytorchcv.models.shufflenet", "shufflenet_g1_w1()", ["torch.randn(1, 3, 224, 224)"]),
        ("pytorchcv.models.shufflenetv2", "shufflenetv2_w1()", ["torch.randn(1, 3, 224, 224)"]),
    ],
    "segmentation_models_pytorch": [
        (
            "segmentation_models_pytorch.decoders.unet.model",
            'Unet("resnet18", encoder_weights=None)',
            ["torch.randn(1,3,128,128)"],
        ),
        (
            "segmentation_models_pytorch.decoders.unetplusplus.model",
            'UnetPlusPlus("resnet18", encoder_weights=None)',
            ["torch.randn(1,3,128,128)"],
        ),
        (
            "segmentation_models_pytorch.decoders.linknet.model",
            'Linknet("resnet18", encoder_weights=None)',
            ["torch.randn(1,3,128,128)"],
        ),
        (
            "segmentation_models_pytorch.decoders.fpn.model",
            'FPN("resnet18", encoder_weights=None)',
            ["torch.randn(1,3,128,128)"],
        ),
        (
            "segmentation_models_pytorch.decoders.pspnet.model",
            'PSPNet("resnet18", encoder_weights=None)',
            ["torch.randn(1,3,128,128)"],
        ),
        (
            "segmentation_models_pytorch.decoders.deeplabv3.model",
            'DeepLabV3("resnet18", encoder_weights=None)',
            ["torch.randn(1,3,128,128)"],
        ),
        (
            "segmentation_models_pytorch.decoders.deeplabv3.model",
            'DeepLabV3Plus("resnet18", encoder_weights=None)',
            ["torch.randn(1,3,128,128)"],
        ),
        (
            "segmentation_models_pytorch.decoders.pan.model",
            'PAN("resnet18", encoder_weights=None)',
            ["torch.randn(1,3,128,128)"],
        ),
        (
            "segmentation_models_pytorch.decoders.manet.model",
            'MAnet("resnet18", encoder_weights=None)',
            ["torch.randn(1,3,128,128)"],
        ),
        (
            "segmentation_models_pytorch.decoders.upernet.model",
            'UPerNet("resnet18", encoder_weights=None)',
            ["torch.randn(1,3,128,128)"],
        ),
        (
            "segmentation_models_pytorch.decoders.segformer.model",
            'Segformer("resnet18", encoder_weights=None)',
            ["torch.randn(1,3,128,128)"],
        ),
    ],
    "efficientnet_pytorch": [
        ("efficientnet_pytorch.model", 'EfficientNet.from_name("efficientnet-b0")', ["torch.randn(1, 3, 224, 224)"]),
        ("efficientnet_pytorch.model", 'EfficientNet.from_name("efficientnet-b1")', ["torch.randn(1, 3, 224, 224)"]),
        ("efficientnet_pytorch.model", 'EfficientNet.from_name("efficientnet-b3")', ["torch.randn(1, 3, 224, 224)"]),
        (
            "efficientnet_pytorch.model",
            'EfficientNet.from_name("efficientnet-b0", num_classes=10, in_channels=1)',
            ["torch.randn(1, 3, 224, 224)"],
        ),
        (
            "efficientnet_pytorch.model",
            'EfficientNet.from_name("efficientnet-b2", include_top=False)',
            ["torch.randn(1, 3, 224, 224)"],
        ),
    ],
    "pretrainedmodels": [
        ("pretrainedmodels.models.torchvision_models", "resnet18(pretrained=None)", ["torch.randn(1,3,299,299)"]),
        ("pretrainedmodels.models.torchvision_models", "alexnet(pretrained=None)", ["torch.randn(1,3,299,299)"]),
        ("pretrainedmodels.models.torchvision_models", "vgg11(pretrained=None)", ["torch.randn(1,3,299,299)"]),
        ("pretrainedmodels.models.torchvision_models", "densenet121(pretrained=None)", ["torch.randn(1,3,299,299)"]),
        ("pretrainedmodels.models.torchvision_models", "squeezenet1_0(pretrained=None)", ["torch.randn(1,3,299,299)"]),
        ("pretrainedmodels.models.torchvision_models", "inceptionv3(pretrained=None)", ["torch.randn(1,3,299,299)"]),
        ("pretrainedmodels.models.resnext", "resnext101_32x4d(pretrained=None)", ["torch.randn(1,3,299,299)"]),
        (
            "pretrainedmodels.models.nasnet",
            "nasnetalarge(num_classes=1001, pretrained=None)",
            ["torch.randn(1,3,299,299)"],
        ),
        (
            "pretrainedmodels.models.nasnet_mobile",
            "nasnetamobile(num_classes=1000, pretrained=None)",
            ["torch.randn(1,3,299,299)"],
        ),
        (
            "pretrainedmodels.models.inceptionresnetv2",
            "inceptionresnetv2(num_classes=10, pretrained=None)",
            ["torch.randn(1,3,299,299)"],
        ),
        (
            "pretrainedmodels.models.inceptionv4",
            "inceptionv4(num_classes=10, pretrained=None)",
            ["torch.randn(1,3,299,299)"],
        ),
    ],
    "torchaudio": [
        ("torchaudio.models.conv_tasnet", "ConvTasNet()", ["torch.randn(1,1,8000)"]),
        ("torchaudio.models.conv_tasnet", "conv_tasnet_base()", ["torch.randn(1,1,8000)"]),
        ("torchaudio.models.deepspeech", "DeepSpeech(n_feature=40)", ["torch.randn(1,1,20,40)"]),
        ("torchaudio.models.wav2letter", "Wav2Letter()", ["torch.randn(1,1,800)"]),
        ("torchaudio.models.wav2letter", 'Wav2Letter(input_type="mfcc", num_features=13)', ["torch.randn(1,1,800)"]),
        (
            "torchaudio.models.wavernn",
            "WaveRNN(upsample_scales=[5,5,8], n_classes=512, hop_length=200)",
            ["torch.randn(1,1,(10-5+1)*200)", "torch.randn(1,1,128,10)"],
        ),
        (
            "torchaudio.models.tacotron2",
            "Tacotron2()",
            ["torch.randint(0,100,(2,20))", "torch.tensor([20,18])", "torch.randn(2,80,30)", "torch.tensor([30,25])"],
        ),
        (
            "torchaudio.models.conformer",
            "Conformer(input_dim=80, num_heads=4, ffn_dim=128, num_layers=4, depthwise_conv_kernel_size=31)",
            ["torch.rand(2,40,80)", "torch.tensor([40,30])"],
        ),
        (
            "torchaudio.models.conformer",
            "Conformer(80, 4, 128, 2, 31, use_group_norm=True, convolution_first=True)",
            ["torch.rand(2,40,80)", "torch.tensor([40,30])"],
        ),
        (
            "torchaudio.models.emformer",
            "Emformer(512, 8, 2048, 4, 4, right_context_length=1)",
            ["torch.rand(2,44,512)", "torch.tensor([44,30])"],
        ),
        (
            "torchaudio.models.rnnt",
            "emformer_rnnt_base(num_symbols=256)",
            ["torch.rand(2,84,80)", "torch.tensor([80,80])", "torch.randint(0,256,(2,20))", "torch.tensor([20,15])"],
        ),
    ],
    "vit_pytorch": [
        (
            "vit_pytorch.vit",
            "ViT(image_size = 224, patch_size = 32, num_classes = 1000, dim = 64, depth = 2, heads = 4, mlp_dim = 128, dropout=0.1, emb_dropout=0.1)",
            ["torch.randn(1, 3, 224, 224)"],
        ),
        (
            "vit_pytorch.vit",
            "ViT(image_size = 224, patch_size = 32, num_classes = 1000, dim = 64, depth = 2, heads = 4, mlp_dim = 128, pool='mean')",
            ["torch.randn(1, 3, 224, 224)"],
        ),
        (
            "vit_pytorch.simple_vit",
            "SimpleViT(image_size = 224, patch_size = 32, num_classes = 1000, dim = 64, depth = 2, heads = 4, mlp_dim = 128)",
            ["torch.randn(1, 3, 224, 224)"],
        ),
        (
            "vit_pytorch.deepvit",
            "DeepViT(image_size = 224, patch_size = 32, num_classes = 1000, dim = 64, depth = 2, heads = 4, mlp_dim = 128)",
            ["torch.randn(1, 3, 224, 224)"],
        ),
        (
            "vit_pytorch.cait",
            "CaiT(image_size = 224, patch_size = 32, num_classes = 10, dim = 64, depth = 2, cls_depth = 2, heads = 4, mlp_dim = 64, layer_dropout=0.05)",
            ["torch.randn(1, 3, 224, 224)"],
        ),
        (
            "vit_pytorch.t2t",
            "T2TViT(dim = 64, image_size = 224, depth = 2, heads = 4, mlp_dim = 64, num_classes = 10, t2t_layers = ((7, 4), (3, 2), (3, 2)))",
            ["torch.randn(1, 3, 224, 224)"],
        ),
        (
            "vit_pytorch.cct",
            "CCT(img_size = (224, 224), embedding_dim = 64, n_conv_layers = 2, num_layers = 2, num_heads = 2, mlp_ratio = 3., num_classes = 10)",
            ["torch.randn(1, 3, 224, 224)"],
        ),
        ("vit_pytorch.cross_vit", "CrossViT(image_size = 256, num_classes = 10)", ["torch.randn(1,3,256,256)"]),
        (
            "vit_pytorch.pit",
            "PiT(image_size = 224, patch_size = 14, dim = 64, num_classes = 10, depth = (1, 1, 1), heads = 4, mlp_dim = 64)",
            ["torch.randn(1, 3, 224, 224)"],
        ),
        (
            "vit_pytorch.levit",
            "LeViT(image_size = 224, num_classes = 10, stages = 3, dim = (64, 96, 128), depth = 2, heads = (2, 3, 4), mlp_mult = 2)",
            ["torch.randn(1, 3, 224, 224)"],
        ),
        ("vit_pytorch.cvt", "CvT(num_classes = 10)", ["torch.randn(1, 3, 224, 224)"]),
    ],
    "x_transformers": [
        (
            "x_transformers.x_transformers",
            "TransformerWrapper(num_tokens=100, max_seq_len=64, attn_layers=Decoder(dim=64, depth=2, heads=4))",
            ["torch.randint(0,100,(1,32))"],
        ),
        (
            "x_transformers.x_transformers",
            "TransformerWrapper(num_tokens=100, max_seq_len=64, attn_layers=Encoder(dim=64, depth=2, heads=4, rotary_pos_emb=True))",
            ["torch.randint(0,100,(1,32))"],
        ),
        (
            "x_transformers.x_transformers",
            "ContinuousTransformerWrapper(dim_in=16, dim_out=10, max_seq_len=64, attn_layers=Encoder(dim=64, depth=2, heads=4))",
            ["torch.randn(1,32,16)"],
        ),
    ],
    "facenet_pytorch": [
        ("facenet_pytorch.models.inception_resnet_v1", "InceptionResnetV1()", ["torch.randn(1,3,160,160)"]),
        (
            "facenet_pytorch.models.inception_resnet_v1",
            "InceptionResnetV1(classify=True, num_classes=10)",
            ["torch.randn(1,3,160,160)"],
        ),
        ("facenet_pytorch.models.mtcnn", "PNet(pretrained=False)", ["torch.randn(1,3,48,48)"]),
        ("facenet_pytorch.models.mtcnn", "RNet(pretrained=False)", ["torch.randn(1,3,48,48)"]),
        ("facenet_pytorch.models.mtcnn", "ONet(pretrained=False)", ["torch.randn(1,3,48,48)"]),
    ],
    "resnest": [
        ("resnest.torch.resnest", "resnest50()", ["torch.randn(1, 3, 224, 224)"]),
        ("resnest.torch.resnest", "resnest101()", ["torch.randn(1, 3, 224, 224)"]),
        ("resnest.torch.ablation", "resnest50_fast_1s1x64d()", ["torch.randn(1, 3, 224, 224)"]),
        ("resnest.torch.ablation", "resnest50_fast_2s2x40d()", ["torch.randn(1, 3, 224, 224)"]),
    ],
    "pytorch_tcn": [
        ("pytorch_tcn.tcn", "TCN(4, [8, 8])", ["torch.randn(2,4,50)"]),
        (
            "pytorch_tcn.tcn",
            "TCN(4, [8,8], causal=False, use_norm='layer_norm', use_skip_connections=True)",
            ["torch.randn(2,4,50)"],
        ),
        (
            "pytorch_tcn.tcn",
            "TCN(4,[8,8,8], activation='gelu', kernel_initializer='normal', dilations=[1,2,4])",
            ["torch.randn(2,4,50)"],
        ),
    ],
    "torch_geometric": [
        (
            "torch_geometric.nn.models.basic_gnn",
            "GCN(16, 32, num_layers=2, out_channels=7)",
            ["torch.randn(4,16)", "torch.tensor([[0,1,2],[1,2,3]])"],
        ),
        (
            "torch_geometric.nn.models.basic_gnn",
            "GAT(16, 32, 2, 7)",
            ["torch.randn(4,16)", "torch.tensor([[0,1,2],[1,2,3]])"],
        ),
        (
            "torch_geometric.nn.models.basic_gnn",
            "GraphSAGE(16,32,2,7)",
            ["torch.randn(4,16)", "torch.tensor([[0,1,2],[1,2,3]])"],
        ),
        (
            "torch_geometric.nn.models.basic_gnn",
            "GIN(16,32,2)",
            ["torch.randn(4,16)", "torch.tensor([[0,1,2],[1,2,3]])"],
        ),
        (
            "torch_geometric.nn.models.basic_gnn",
            "PNA(16,32,2,7,aggregators=['sum'],scalers=['identity'],deg=torch.tensor([1,2,3]))",
            ["torch.randn(4,16)", "torch.tensor([[0,1,2],[1,2,3]])"],
        ),
        (
            "torch_geometric.nn.models.basic_gnn",
            "EdgeCNN(16,32,2)",
            ["torch.randn(4,16)", "torch.tensor([[0,1,2],[1,2,3]])"],
        ),
        (
            "torch_geometric.nn.models.basic_gnn",
            "GAT(16,32,2,7,v2=True,jk='cat',norm='batch')",
            ["torch.randn(4,16)", "torch.tensor([[0,1,2],[1,2,3]])"],
        ),
        ("torch_geometric.nn.models.mlp", "MLP([16,32,7])", ["torch.randn(4,16)"]),
        (
            "torch_geometric.nn.models.mlp",
            "MLP(in_channels=16,hidden_channels=32,out_channels=7,num_layers=3,norm=None)",
            ["torch.randn(4,16)"],
        ),
        (
            "torch_geometric.nn.models.linkx",
            "LINKX(4,16,32,7,2)",
            ["torch.randn(4,16)", "torch.tensor([[0,1,2],[1,2,3]])"],
        ),
        (
            "torch_geometric.nn.models.correct_and_smooth",
            "CorrectAndSmooth(2,0.5,2,0.5)",
            ["torch.randn(4,16)", "torch.tensor([[0,1,2],[1,2,3]])"],
        ),
    ],
    "transformers": [
        (
            "transformers.models.bert.modeling_bert",
            "BertModel(BertConfig(vocab_size=100, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64))",
            ["torch.randint(0,90,(1,16))"],
        ),
        (
            "transformers.models.bert.modeling_bert",
            "BertForSequenceClassification(BertConfig(vocab_size=100, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64))",
            ["torch.randint(0,90,(1,16))"],
        ),
        (
            "transformers.models.roberta.modeling_roberta",
            "RobertaModel(RobertaConfig(vocab_size=100, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64))",
            ["torch.randint(0,90,(1,16))"],
        ),
        (
            "transformers.models.distilbert.modeling_distilbert",
            "DistilBertModel(DistilBertConfig(vocab_size=100,dim=32,n_layers=2,n_heads=4,hidden_dim=64))",
            ["torch.randint(0,90,(1,16))"],
        ),
        (
            "transformers.models.gpt2.modeling_gpt2",
            "GPT2Model(GPT2Config(vocab_size=100,n_embd=32,n_layer=2,n_head=4))",
            ["torch.randint(0,90,(1,16))"],
        ),
        (
            "transformers.models.vit.modeling_vit",
            "ViTModel(ViTConfig(hidden_size=32,num_hidden_layers=2,num_attention_heads=4,intermediate_size=64))",
            ["torch.randn(1, 3, 224, 224)"],
        ),
        (
            "transformers.models.electra.modeling_electra",
            "ElectraModel(ElectraConfig(vocab_size=100, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64))",
            ["torch.randint(0,90,(1,16))"],
        ),
        (
            "transformers.models.albert.modeling_albert",
            "AlbertModel(AlbertConfig(vocab_size=100, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,embedding_size=16))",
            ["torch.randint(0,90,(1,16))"],
        ),
        (
            "transformers.models.resnet.modeling_resnet",
            "ResNetModel(ResNetConfig(embedding_size=8,hidden_sizes=[8,16],depths=[1,1],layer_type='basic'))",
            ["torch.randn(1, 3, 224, 224)"],
        ),
        (
            "transformers.models.convnext.modeling_convnext",
            "ConvNextModel(ConvNextConfig(hidden_sizes=[8,16,16,16],depths=[1,1,1,1]))",
            ["torch.randn(1, 3, 224, 224)"],
        ),
        (
            "transformers.models.mobilenet_v2.modeling_mobilenet_v2",
            "MobileNetV2Model(MobileNetV2Config())",
            ["torch.randn(1, 3, 224, 224)"],
        ),
    ],
    "torchvision": [
        (
            "torchvision.models.detection.faster_rcnn",
            "fasterrcnn_resnet50_fpn(weights=None, weights_backbone=None)",
            [],
        ),
        (
            "torchvision.models.detection.faster_rcnn",
            "fasterrcnn_mobilenet_v3_large_320_fpn(weights=None, weights_backbone=None)",
            [],
        ),
        ("torchvision.models.detection.ssd", "ssd300_vgg16(weights=None, weights_backbone=None)", []),
        (
            "torchvision.models.detection.ssdlite",
            "ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None)",
            [],
        ),
        ("torchvision.models.detection.retinanet", "retinanet_resnet50_fpn(weights=None, weights_backbone=None)", []),
        ("torchvision.models.detection.fcos", "fcos_resnet50_fpn(weights=None, weights_backbone=None)", []),
        ("torchvision.models.detection.mask_rcnn", "maskrcnn_resnet50_fpn(weights=None, weights_backbone=None)", []),
        (
            "torchvision.models.detection.keypoint_rcnn",
            "keypointrcnn_resnet50_fpn(weights=None, weights_backbone=None)",
            [],
        ),
        (
            "torchvision.models.segmentation.fcn",
            "fcn_resnet50(weights=None, weights_backbone=None)",
            ["torch.randn(1, 3, 224, 224)"],
        ),
        (
            "torchvision.models.segmentation.deeplabv3",
            "deeplabv3_mobilenet_v3_large(weights=None, weights_backbone=None, aux_loss=True)",
            ["torch.randn(1, 3, 224, 224)"],
        ),
        (
            "torchvision.models.segmentation.lraspp",
            "lraspp_mobilenet_v3_large(weights=None, weights_backbone=None)",
            ["torch.randn(1, 3, 224, 224)"],
        ),
    ],
    "torchxrayvision": [
        ("torchxrayvision.models", "DenseNet(num_classes=18)", ["torch.randn(1,1,224,224)"]),
        ("torchxrayvision.models", "DenseNet()", ["torch.randn(1,1,224,224)"]),
        ("torchxrayvision.autoencoders", "_ResNetAE101()", ["torch.randn(1,1,224,224)"]),
    ],
    "monai": [
        (
            "monai.networks.nets.unet",
            "UNet(spatial_dims=2,in_channels=1,out_channels=2,channels=(8,16,32),strides=(2,2),num_res_units=2)",
            ["torch.randn(1,1,64,64)"],
        ),
        ("monai.networks.nets.basic_unet", "BasicUNet(spatial_dims=2)", ["torch.randn(1,1,64,64)"]),
        (
            "monai.networks.nets.densenet",
            "DenseNet121(spatial_dims=2,in_channels=1,out_channels=2)",
            ["torch.randn(1,1,64,64)"],
        ),
        ("monai.networks.nets.resnet", "resnet18(spatial_dims=2,n_input_channels=1)", ["torch.randn(1,1,64,64)"]),
        ("monai.networks.nets.segresnet", "SegResNet(spatial_dims=2)", ["torch.randn(1,1,64,64)"]),
        ("monai.networks.nets.vnet", "VNet(spatial_dims=2)", ["torch.randn(1,1,64,64)"]),
        (
            "monai.networks.nets.vit",
            "ViT(in_channels=1,img_size=(64,64),patch_size=16,spatial_dims=2,hidden_size=48,num_heads=4,num_layers=2,mlp_dim=64)",
            ["torch.randn(1,1,64,64)"],
        ),
        (
            "monai.networks.nets.unetr",
            "UNETR(in_channels=1,out_channels=2,img_size=64,spatial_dims=2,hidden_size=48,mlp_dim=64,num_heads=4)",
            ["torch.randn(1,1,64,64)"],
        ),
        (
            "monai.networks.nets.swin_unetr",
            "SwinUNETR(in_channels=1,out_channels=2,spatial_dims=2,feature_size=12)",
            ["torch.randn(1,1,64,64)"],
        ),
        ("monai.networks.nets.dynunet", "DynUNet(2,1,2,[3,3,3],[1,2,2],[2,2])", ["torch.randn(1,1,64,64)"]),
        ("monai.networks.nets.attentionunet", "AttentionUnet(2,1,2,(8,16,32),(2,2))", ["torch.randn(1,1,64,64)"]),
    ],
    "open_clip": [
        (
            "open_clip.model",
            "CLIP(embed_dim=64, vision_cfg=dict(image_size=64, layers=2, width=64, head_width=16, patch_size=16), text_cfg=dict(context_length=16, vocab_size=100, width=64, heads=4, layers=2))",
            ["torch.randn(1,3,64,64)", "torch.randint(0,90,(1,16))"],
        ),
        (
            "open_clip.model",
            "CLIP(embed_dim=64, vision_cfg=CLIPVisionCfg(layers=(1,1,1,1), width=16, image_size=64), text_cfg=CLIPTextCfg(context_length=16, vocab_size=100, width=64, heads=4, layers=2))",
            ["torch.randn(1,3,64,64)", "torch.randint(0,90,(1,16))"],
        ),
        (
            "open_clip.factory",
            "create_model('RN50', pretrained_image=False)",
            ["torch.randn(1,3,224,224)", "torch.randint(0,90,(1,77))"],
        ),
        ("open_clip.factory", "create_model('ViT-B-32')", ["torch.randn(1,3,224,224)", "torch.randint(0,90,(1,77))"]),
        ("open_clip.factory", "create_model('ViT-B-16')", ["torch.randn(1,3,224,224)", "torch.randint(0,90,(1,77))"]),
        (
            "open_clip.factory",
            "create_model('ViT-B-32-quickgelu')",
            ["torch.randn(1,3,224,224)", "torch.randint(0,90,(1,77))"],
        ),
        ("open_clip.factory", "create_model('coca_base')", ["torch.randn(1,3,224,224)", "torch.randint(0,90,(1,77))"]),
        (
            "open_clip.modified_resnet",
            "ModifiedResNet((1,1,1,1), 64, 4, image_size=64, width=16)",
            ["torch.randn(1, 3, 64, 64)"],
        ),
        ("open_clip.transformer", "VisionTransformer(64,16,64,2,4,4.,output_dim=32)", ["torch.randn(1, 3, 64, 64)"]),
        (
            "open_clip.transformer",
            "VisionTransformer(64,16,64,2,4,4.,output_dim=32,attentional_pool=True)",
            ["torch.randn(1, 3, 64, 64)"],
        ),
        (
            "open_clip.transformer",
            "TextTransformer(context_length=16,vocab_size=100,width=64,heads=4,layers=2)",
            ["torch.randint(0,90,(1,16))"],
        ),
    ],
}
